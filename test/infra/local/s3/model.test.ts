import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rounds } from '../../../rounds.ts';
import { BUCKET, localS3 } from './local-s3.ts';

/** What a versioned bucket is: the versions of each key, the newest last; a delete marker has no body. */
type Model = Map<string, { id: string; body: string | undefined }[]>;

// Few letters, so that keys collide and nest; some that sort otherwise in UTF-16 than in UTF-8, or need escaping.
const key = fc
  .array(fc.constantFrom('a', 'b', '/', ' ', '+', '%', '&', 'é', '\uffee', '𝄞'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((letters) => letters.join(''))
  .filter((text) => !/(^|\/)\.{1,2}(\/|$)/.test(text));

const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, body: fc.string(), isFirst: fc.boolean() }),
  fc.record({ do: fc.constant('delete' as const), key }),
  fc.record({ do: fc.constant('remove' as const), pick: fc.nat() }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const current = (model: Model, name: string): string | undefined => model.get(name)?.at(-1)?.body;
const visible = (model: Model): string[] =>
  [...model.keys()].filter((name) => current(model, name) !== undefined).sort(byBytes);

const take = async (client: S3Client, model: Model, s: Step, prefix: string): Promise<void> => {
  if (s.do === 'remove') {
    const all = [...model].flatMap(([name, versions]) => versions.map((v) => ({ name, v })));
    const found = all[s.pick % Math.max(all.length, 1)];
    if (found === undefined) return;
    const { name, v } = found;
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: prefix + name, VersionId: v.id }));
    const left = (model.get(name) ?? []).filter((other) => other !== v);
    if (left.length === 0) model.delete(name);
    else model.set(name, left);
    return;
  }
  const Key = prefix + s.key;
  const add = (id: string | undefined, body: string | undefined) =>
    model.set(s.key, [...(model.get(s.key) ?? []), { id: id ?? '', body }]);
  if (s.do === 'delete') {
    add((await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))).VersionId, undefined);
    return;
  }
  const condition = s.isFirst ? { IfNoneMatch: '*' } : {};
  const put = client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key, Body: Buffer.from(s.body), ...condition }),
  );
  if (s.isFirst && current(model, s.key) !== undefined) {
    await expect(put).rejects.toMatchObject({ name: 'PreconditionFailed' });
  } else add((await put).VersionId, s.body);
};

const listAll = async (client: S3Client, Prefix: string, MaxKeys: number, Delimiter?: string) => {
  const keys: string[] = [];
  const folders: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: BUCKET,
        Prefix,
        MaxKeys,
        ...(Delimiter === undefined ? {} : { Delimiter }),
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    );
    expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
    keys.push(...(page.Contents ?? []).map((c) => c.Key ?? ''));
    folders.push(...(page.CommonPrefixes ?? []).map((c) => c.Prefix ?? ''));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return { keys, folders };
};

const listVersions = async (client: S3Client, Prefix: string, MaxKeys: number) => {
  const found: { key: string; id: string }[] = [];
  let markers: object | undefined = {};
  while (markers !== undefined) {
    const page: Awaited<ReturnType<typeof list>> = await list(markers);
    const both = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    found.push(...both.map((v) => ({ key: v.Key ?? '', id: v.VersionId ?? '' })));
    markers = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
  return found;
  function list(more: object) {
    return client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix, MaxKeys, ...more }));
  }
};

test('does what a model of a versioned bucket does, however its listings are paged', async () => {
  const { client } = await localS3();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      key,
      async (steps, pageSize, within) => {
        const prefix = `run${run++}/`;
        const model: Model = new Map();
        for (const s of steps) await take(client, model, s, prefix);

        const keys = visible(model);
        expect(await listAll(client, prefix, pageSize)).toEqual({
          keys: keys.map((k) => prefix + k),
          folders: [],
        });
        const inside = keys.filter((k) => k.startsWith(within));
        const folderOf = (k: string): string | undefined => {
          const end = k.indexOf('/', within.length);
          return end === -1 ? undefined : k.slice(0, end + 1);
        };
        const folders = new Set(inside.flatMap((k) => folderOf(k) ?? []));
        expect(await listAll(client, prefix + within, pageSize, '/')).toEqual({
          keys: inside.filter((k) => folderOf(k) === undefined).map((k) => prefix + k),
          folders: [...folders].map((f) => prefix + f),
        });
        const versions = [...model].flatMap(([k, all]) => all.map(({ id }) => ({ key: prefix + k, id })));
        const listed = await listVersions(client, prefix, pageSize);
        expect(new Set(listed.map((v) => `${v.key} ${v.id}`))).toEqual(
          new Set(versions.map((v) => `${v.key} ${v.id}`)),
        );
        expect(listed).toHaveLength(versions.length);
        for (const k of keys) {
          const read = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: prefix + k }));
          expect(await read.Body?.transformToString()).toBe(current(model, k));
        }
      },
    ),
    { numRuns: rounds(40) },
  );
});
