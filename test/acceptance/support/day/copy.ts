import { basename } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { asClient } from './as-client.ts';

/** How `status` says that a file is landed: shell variables are read, and the AWS CLI copies it below a prefix. */
const COPY = /\. (\S+); aws s3 cp FILE s3:\/\/([^/\s]+)\/(\S+\/)/;

/** The command that a text names to copy a file. */
export const copyIn = (text: string): string | undefined => COPY.exec(text)?.[0];

/** Does what such a command does. The AWS CLI itself signs by the machine's time, which is long past here. */
export const typeCopy = async (command: string, file: string, body: string): Promise<void> => {
  const [, variables = '', Bucket, prefix] = COPY.exec(command) ?? [];
  await asClient(variables, async () => {
    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}${basename(file)}`, Body: body }));
    s3.destroy();
  });
};
