import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { itemsFeed } from '../handlers/extract/world.ts';
import { synthesized } from './synthesized.ts';

/** A key of the account for the state: who reads and writes it may use the key for that, and nobody else. */

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-0000-1111-2222-333344445555';
const { storage, warehouse, pipeline } = synthesized({ 'millrace:kmsKeyArn': KEY }, { items: itemsFeed() });

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policy = z.object({
  Properties: z.object({
    PolicyDocument: z.object({
      Statement: z.array(
        z.looseObject({ Action: texts, Resource: z.unknown(), Condition: z.unknown().optional() }),
      ),
    }),
  }),
});

/** Of each role's policy: what it may do on the bucket's objects and with the key by way of S3, in short. */
const rights = () =>
  [warehouse, pipeline].flatMap((template) =>
    Object.entries(template.findResources('AWS::IAM::Policy')).map(([id, resource]) => {
      const { Statement } = policy.parse(resource).Properties.PolicyDocument;
      const actions = Statement.flatMap(({ Action }) => Action);
      const viaS3 = Statement.filter(({ Condition }) => JSON.stringify(Condition ?? '').includes('s3.'));
      return {
        id,
        reads: actions.some((action) => /^s3:GetObject/.test(action)),
        writes: actions.includes('s3:PutObject'),
        uses: viaS3.flatMap(({ Action }) => Action).sort(),
        keys: viaS3.map(({ Resource }) => Resource),
      };
    }),
  );

describe("a key of the account's", () => {
  it('encrypts the bucket, and not that of its access logs, to which S3 would deliver none', () => {
    const buckets = Object.values(storage.findResources('AWS::S3::Bucket'));
    const encryptions = buckets.map(({ Properties }) => JSON.stringify(Properties.BucketEncryption));
    expect(encryptions.map((one) => one.includes(KEY)).sort()).toEqual([false, true]);
    expect(encryptions.join()).toContain('"BucketKeyEnabled":true');
  });

  it('encrypts every log group and the queue', () => {
    for (const { Properties } of Object.values(pipeline.findResources('AWS::Logs::LogGroup')))
      expect(Properties.KmsKeyId).toBe(KEY);
    pipeline.hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: KEY });
  });

  it('may be used by who reads the bucket, and for new keys by who writes to it', () => {
    for (const { id, reads, writes, uses, keys } of rights()) {
      const expected = writes ? ['kms:Decrypt', 'kms:GenerateDataKey'] : reads ? ['kms:Decrypt'] : [];
      expect([...new Set(uses)], id).toEqual(expected);
      for (const key of keys) expect(key).toBe(KEY);
    }
    expect(rights().filter(({ reads }) => reads).length).toBeGreaterThan(8);
  });

  it('may be used by the schedules and the function that put what failed into the queue', () => {
    const sending = Object.entries(pipeline.findResources('AWS::IAM::Policy')).filter(([, resource]) =>
      policy
        .parse(resource)
        .Properties.PolicyDocument.Statement.some(({ Action }) => Action.includes('sqs:SendMessage')),
    );
    expect(sending.length).toBe(3);
    for (const [id, resource] of sending) {
      const { Statement } = policy.parse(resource).Properties.PolicyDocument;
      const free = Statement.filter(
        ({ Action, Condition }) => Action.join().includes('kms:') && Condition === undefined,
      );
      expect(
        free.flatMap(({ Action }) => Action),
        id,
      ).toEqual(expect.arrayContaining(['kms:Decrypt', expect.stringMatching(/^kms:GenerateDataKey/)]));
    }
  });

  it('is nowhere without the setting', () => {
    const plain = synthesized({}, { items: itemsFeed() });
    for (const template of [plain.storage, plain.warehouse, plain.pipeline])
      expect(JSON.stringify(template.toJSON())).not.toContain('kms:');
  });
});

describe('the workgroup that is created', () => {
  const has = (context: Record<string, string>, BaseCapacity: number, MaxCapacity: number) =>
    synthesized(context).warehouse.hasResourceProperties(
      'AWS::RedshiftServerless::Workgroup',
      Match.objectLike({ BaseCapacity, MaxCapacity }),
    );

  it('has a capacity, and one that it never exceeds', () => {
    has({}, 8, 32);
    has({ 'millrace:baseCapacity': '16', 'millrace:maxCapacity': '64' }, 16, 64);
    has({ 'millrace:baseCapacity': '128' }, 128, 128);
  });

  it.each(['0', 'many', '4.5', '2048'])('is refused with %s of them', (maxCapacity) => {
    expect(() => synthesized({ 'millrace:maxCapacity': maxCapacity })).toThrow(
      /context millrace:maxCapacity: got .*, allowed 4 to 1024 RPU/,
    );
  });
});
