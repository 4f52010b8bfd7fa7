import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AwsCommand } from './event-queue.ts';

/** Where templates are put for CloudFormation, which takes one of over 51,200 bytes from a bucket alone. */
export interface TemplatePlace {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly aws: AwsCommand;
}

/**
 * What CloudFormation says against a template; undefined where it takes it
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html). Leaves nothing but the version of an object.
 */
export const refusalOf = async (
  name: string,
  template: unknown,
  { s3, bucket, prefix, region, aws }: TemplatePlace,
): Promise<string | undefined> => {
  const object = { Bucket: bucket, Key: `${prefix}${name}.template.json` };
  await s3.send(new PutObjectCommand({ ...object, Body: JSON.stringify(template) }));
  try {
    const url = `https://${bucket}.s3.${region}.amazonaws.com/${object.Key}`;
    await aws(['cloudformation', 'validate-template', '--template-url', url]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await s3.send(new DeleteObjectCommand(object));
  }
};
