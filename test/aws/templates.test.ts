import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { serveAws } from '../fakes/aws-endpoint.ts';
import { refusalOf } from './templates.ts';

const asked: string[] = [];
serveAws('S3', ({ method, path }) => {
  asked.push(`${method} ${path}`);
  return { status: method === 'DELETE' ? 204 : 200, body: '' };
});

it('asks CloudFormation of a template by its address in the bucket, and takes it away', async () => {
  const place = { s3: new S3Client({ region: 'r' }), bucket: 'b', prefix: 'p/', region: 'r' };
  const commands: string[] = [];
  const takes = async (args: readonly string[]) => {
    commands.push(args.join(' '));
    return '{}';
  };
  expect(await refusalOf('pipeline', { Resources: {} }, { ...place, aws: takes })).toBeUndefined();
  expect(commands).toEqual([
    'cloudformation validate-template --template-url https://b.s3.r.amazonaws.com/p/pipeline.template.json',
  ]);
  expect(asked).toEqual(['PUT /b/p/pipeline.template.json', 'DELETE /b/p/pipeline.template.json']);
  const refuses = () => Promise.reject(new Error('ValidationError: Template format error'));
  expect(await refusalOf('pipeline', {}, { ...place, aws: refuses })).toContain('Template format error');
  expect(asked).toHaveLength(4);
});
