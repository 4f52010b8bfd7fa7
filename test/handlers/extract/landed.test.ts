import { describe, expect, it } from 'vitest';
import { ServiceRefused } from '../../../shared/errors.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import {
  dropsFeed,
  execute,
  keysUnder,
  landed,
  numbers,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

const LANDED_MS = Date.parse('2026-11-20T08:00:00Z');
const KEY = 'landing/drops/2026/a b+c%20d.xml';

const landedWorld = (text = pageXml(1, 3), key = KEY) => {
  const world = worldOf(dropsFeed(), pagedSource({ pages: 0, rowsPerPage: 0 }));
  world.streams.land({ bucket: 'bucket', key, versionId: 'v1' }, text, LANDED_MS);
  return world;
};

describe('a landed object', () => {
  it('is a batch, named by its key and version, observed when it landed', async () => {
    const world = landedWorld();
    expect(await execute(world, landed(KEY))).toMatchObject({ outcome: 'Done' });
    const [batch] = sealedBatches(world);
    expect(batch).toMatchObject({
      batch: expect.stringMatching(/^f-[0-9a-f]{32}$/),
      observed: '2026-11-20T08:00:00.000Z',
      object: { bucket: 'bucket', key: KEY, versionId: 'v1' },
      records: 3,
      correlation: `drops-${batch?.batch}`,
    });
    expect(keysUnder(world, 'batches/')[0]).toMatch(/^batches\/drops\/2026\/11\/20\/f-/);
    expect(sealedIds(world)).toEqual(numbers(3));
  });

  it('is told of in the log: how many of its records were not plain', async () => {
    const lines: [string, object][] = [];
    const log = { info: (message: string, fields: object) => void lines.push([message, fields]) };
    const world = { ...landedWorld(pageXml(1, 3).replace('</content>', '<!-- --></content>')), log };
    await execute(world, landed(KEY));
    expect(lines).toEqual([
      [
        'step read',
        {
          slice: 0,
          records: 3,
          hard_records: expect.any(Number),
          shaped_records: expect.any(Number),
          bytes: expect.any(Number),
        },
      ],
    ]);
  });

  it('is the same batch by every event of it: twice, at once, encoded or not', async () => {
    const world = landedWorld();
    const encoded = encodeURIComponent(KEY).replaceAll('%2F', '/').replaceAll('%20', '+');
    const events = [landed(KEY), landed(encoded), landed(KEY)];
    await Promise.all(events.map((event) => execute(world, event)));
    expect(sealedBatches(world)).toHaveLength(1);
    expect(sealedIds(world)).toEqual(numbers(3));
    const [{ batch } = expect.unreachable()] = sealedBatches(world);
    expect(await execute(world, landed(encoded))).toEqual({ outcome: `Idle: ${batch} is sealed already` });
  });

  it('is another batch in another version, whichever comes first', async () => {
    const world = landedWorld();
    world.streams.land({ bucket: 'bucket', key: KEY, versionId: 'v2' }, pageXml(4, 5), LANDED_MS + 1000);
    await execute(world, landed(KEY, 'v2'));
    await execute(world, landed(KEY, 'v1'));
    expect(sealedIds(world).sort()).toEqual(numbers(5));
    expect(new Set(sealedBatches(world).map(({ batch }) => batch)).size).toBe(2);
  });

  it('of no suffix of its feed is left alone', async () => {
    const world = landedWorld('', 'landing/drops/README.md');
    expect((await execute(world, landed('landing/drops/README.md'))).outcome).toBe(
      'Idle: landing/drops/README.md ends in none of .xml',
    );
  });

  it('that is not there is refused, with both forms of its key tried', async () => {
    const world = landedWorld();
    const { outcome, error } = await execute(world, landed('landing/drops/none.xml'));
    expect(outcome).toBe('SourceRefused');
    expect(String(error)).toContain('s3://bucket/landing/drops/none.xml has no version v1');
  });

  it.each([
    ['that is malformed', pageXml(1, 3).replace('</content>', '</x>'), 'XmlMalformed'],
    ['that ends early, and always will', pageXml(1, 3).slice(0, -20), 'XmlMalformed'],
    ['with another root', '<error/>', 'DocumentMismatch'],
  ])('%s is parked with the reason, and not read again', async (_, text, name) => {
    const world = landedWorld(text);
    const { outcome } = await execute(world, landed(KEY));
    expect(outcome).toBe(name);
    const [parkedKey = ''] = keysUnder(world, 'parked/');
    expect(JSON.parse(world.records.entries.get(parkedKey) ?? '{}')).toMatchObject({
      feed: 'drops',
      state: 'ExtractSlice',
      error: name,
      message: expect.stringContaining(`s3://bucket/${KEY}`),
    });
    expect(sealedBatches(world)).toEqual([]);
    expect(world.streams.uploading.size).toBe(0);
    expect((await execute(world, landed(KEY))).outcome).toMatch(/^Idle: f-.* is parked$/);
  });

  it('is not parked for what is no fault of its own, and is read once that is mended', async () => {
    const world = landedWorld();
    const open: typeof world.streams.open = async () => {
      throw new ServiceRefused('GetObject: access denied');
    };
    const refused = await execute({ ...world, streams: { ...world.streams, open } }, landed(KEY));
    expect(refused.outcome).toBe('ServiceRefused');
    expect(keysUnder(world, 'parked/')).toEqual([]);
    expect(await execute(world, landed(KEY))).toMatchObject({ outcome: 'Done' });
  });

  it('in a bucket of others is a batch of its own, whatever lies under the same key and version elsewhere', async () => {
    const key = 'in/a.xml';
    const namesOf = async (bucket: string): Promise<readonly string[]> => {
      const feed = dropsFeed();
      const world = worldOf(
        { ...feed, source: { kind: 's3', suffixes: ['.xml'], bucket, prefix: 'in/' } },
        pagedSource({ pages: 0, rowsPerPage: 0 }),
      );
      world.streams.land({ bucket, key, versionId: 'v1' }, pageXml(1, 3), LANDED_MS);
      expect(await execute(world, landed(key, 'v1', bucket))).toMatchObject({ outcome: 'Done' });
      expect(sealedIds(world)).toEqual(numbers(3));
      expect(sealedBatches(world)).toMatchObject([{ object: { bucket, key } }]);
      expect((await execute(world, landed(KEY))).outcome).toMatch(/^Idle: .* is not below s3:\/\/.*\/in\/$/);
      expect((await execute(world, landed('other/a.xml', 'v1', bucket))).outcome).toBe('InvalidInput');
      return sealedBatches(world).map(({ batch }) => batch);
    };
    expect(await namesOf('one-bucket')).not.toEqual(await namesOf('another-bucket'));
  });

  it.each([undefined, 'null'])('without a version is refused: version %s', async (version) => {
    const trigger = landed(KEY);
    if (!('detail' in trigger) || !('bucket' in trigger.detail)) throw new Error('no event of S3');
    const object = { key: KEY, ...(version === undefined ? {} : { 'version-id': version }) };
    const event = { ...trigger, detail: { bucket: { name: 'bucket' }, object } } as typeof trigger;
    const { outcome, error } = await execute(landedWorld(), event);
    expect(outcome).toBe('InvalidInput');
    expect(String(error)).toContain('has no version id, allowed objects of a bucket with versioning');
  });

  it('of a feed that is not deployed fails, with the feeds that are', async () => {
    const { outcome, error } = await execute(landedWorld(), landed('landing/other/a.xml'));
    expect(outcome).toBe('InvalidInput');
    expect(String(error)).toContain('feed "other" is not deployed, known: drops');
  });
});
