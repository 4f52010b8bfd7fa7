import { describe, expect, it } from 'vitest';
import type { Feed } from '../../../shared/model/feed.ts';
import { readRecordText } from '../../../shared/state/record-text.ts';
import { planRecord } from '../../../shared/state/records.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import {
  dropsFeed,
  executeToEnd,
  feedOf,
  keysUnder,
  landed,
  numbers,
  rowsOf,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

const KEY = 'landing/drops/big.xml';
const RECORDS = 400;

const splitFeed = (splitBytes = 2000): Feed => {
  const feed = dropsFeed();
  if (feed.source.kind !== 's3') throw new Error('the feed reads no landed objects');
  return { ...feed, source: { ...feed.source, splitBytes } };
};

const item = (id: number, inside = ''): string =>
  `<workItem><id>${id}</id><modified>2026-11-20T08:00:00Z</modified>${inside}<comments><content>é ${id}</content></comments></workItem>`;

const documentOf = (insideOf: (id: number) => string = () => '', tail = '</workitem>') =>
  `<?xml version="1.0"?>\n<workitem>${numbers(RECORDS)
    .map((id) => item(id, insideOf(id)))
    .join('\n')}${tail}`;

const rangedWorld = (text: string | Uint8Array, feed = splitFeed()) => {
  const world = worldOf(feed, pagedSource({ pages: 0, rowsPerPage: 0 }));
  world.streams.land(
    { bucket: 'bucket', key: KEY, versionId: 'v1' },
    text,
    Date.parse('2026-11-20T08:00:00Z'),
  );
  return world;
};

const outcomesOf = async (world: ReturnType<typeof rangedWorld>) =>
  (await executeToEnd(world, landed(KEY))).map(({ outcome }) => outcome);

const planOf = (world: ReturnType<typeof rangedWorld>) => {
  const [key = ''] = keysUnder(world, 'plans/');
  return readRecordText(key, world.records.entries.get(key) ?? '', planRecord);
};

const inComment = '<!-- <workItem><id>0</id></workItem> -->'.repeat(3);

describe('a landed object over splitBytes', () => {
  it('is read in ranges, one slice each, that together give its rows in their order', async () => {
    const text = documentOf();
    const world = rangedWorld(text);
    expect(await outcomesOf(world)).toEqual(['Done']);
    expect(planOf(world).slices.length).toBe(Math.ceil(Buffer.byteLength(text) / 2000));
    expect(sealedIds(world)).toEqual(numbers(RECORDS));
    expect(sealedIds(world, 'ewm.comments')).toHaveLength(RECORDS);
    expect(sealedBatches(world)[0]).toMatchObject({
      records: RECORDS,
      bytes: Buffer.byteLength(text),
      warnings: [],
    });
  });

  it('tells in the rows of each range where they come from, and keeps elements whole', async () => {
    const feed = feedOf(
      'drops',
      `source: { s3: { suffixes: [.xml] } }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: append
    columns:
      id: bigint
      file: { type: varchar(99), value: "\${file.name}" }
      comments: { type: super }
`,
    );
    if (feed.source.kind !== 's3') throw new Error('the feed reads no landed objects');
    const world = rangedWorld(documentOf(), { ...feed, source: { ...feed.source, splitBytes: 2000 } });
    expect(await outcomesOf(world)).toEqual(['Done']);
    expect(planOf(world).slices.length).toBeGreaterThan(5);
    const [batch] = sealedBatches(world);
    const rows = rowsOf(world, batch?.tables['ewm.items']?.parts ?? []).map((row) => row.slice(0, 3));
    expect(rows).toEqual(
      numbers(RECORDS).map((id) => [String(id), 'big.xml', `{"content":[{"#text":"é ${id}"}]}`]),
    );
  });

  it('has at most 200 ranges', async () => {
    const world = rangedWorld(documentOf(), splitFeed(10));
    await outcomesOf(world);
    expect(planOf(world).slices.length).toBe(200);
    expect(sealedIds(world)).toEqual(numbers(RECORDS));
  });

  it('has ranges read again that began at what is no record', async () => {
    const world = rangedWorld(documentOf((id) => (id % 3 === 0 ? inComment : '')));
    const outcomes = await outcomesOf(world);
    expect(outcomes.at(-1)).toBe('Done');
    expect(keysUnder(world, 'slices/').some((key) => /-00001-00000\.json$/.test(key))).toBe(true);
    expect(sealedIds(world)).toEqual(numbers(RECORDS));
    expect(sealedBatches(world)).toMatchObject([{ records: RECORDS, warnings: [] }]);
  });

  it('goes on from range to range where each began at a wrong place', async () => {
    const nested = (id: number) => `<parts>${'<workItem><id>0</id></workItem>'.repeat((id % 3) + 1)}</parts>`;
    const world = rangedWorld(documentOf(nested));
    const outcomes = await outcomesOf(world);
    expect(outcomes.at(-1)).toBe('Done');
    expect(outcomes.length).toBeLessThan(5);
    expect(planOf(world).slices.length).toBeGreaterThan(20);
    expect(keysUnder(world, 'slices/').length).toBeLessThan(3 * planOf(world).slices.length);
    expect(sealedIds(world)).toEqual(numbers(RECORDS));
  });

  it('is sealed once, with each row once, by executions that overlap', async () => {
    const world = rangedWorld(documentOf((id) => (id % 3 === 0 ? inComment : '')));
    await Promise.all([executeToEnd(world, landed(KEY)), executeToEnd(world, landed(KEY))]);
    expect(sealedBatches(world)).toHaveLength(1);
    expect(sealedIds(world)).toEqual(numbers(RECORDS));
  });

  it('takes no end of an element for one that stands in a comment', async () => {
    const half = numbers(RECORDS / 2)
      .map((id) => item(id))
      .join('');
    const text = `<workitem>${half}</workitem>`.replace(item(20), `${item(20)}<!--</workitem>-->`);
    const world = rangedWorld(text);
    await outcomesOf(world);
    expect(sealedIds(world)).toEqual(numbers(RECORDS / 2));
  });

  it.each([
    ['malformed in its middle', documentOf((id) => (id === 200 ? '<x>' : '')), 'XmlMalformed'],
    ['cut off', documentOf(() => '', ''), 'XmlMalformed'],
  ])('is parked when it is %s, once the range that has it is proven', async (_, text, name) => {
    const world = rangedWorld(text);
    expect((await outcomesOf(world)).at(-1)).toBe(name);
    expect(keysUnder(world, 'parked/')).toHaveLength(1);
    expect(sealedBatches(world)).toEqual([]);
    expect(world.streams.uploading.size).toBe(0);
  });

  it('names the byte that lines are counted from in messages of a range', async () => {
    const world = rangedWorld(documentOf((id) => (id === 200 ? '<x>' : '')));
    const results = await executeToEnd(world, landed(KEY));
    expect(String(results.at(-1)?.error)).toMatch(/big\.xml from byte \d+: .* at line \d+, column \d+/);
  });

  it('is read whole where it is not over it', async () => {
    const world = rangedWorld(documentOf(), splitFeed(1_000_000));
    expect(await outcomesOf(world)).toEqual(['Done']);
    expect(planOf(world).slices).toHaveLength(1);
    expect(planOf(world).head).toBeUndefined();
  });
});
