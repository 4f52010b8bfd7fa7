import { describe, expect, it } from 'vitest';
import { KEEP_RECORDS_MS, removeOldRecords } from '../../../handlers/sweep/remove-old-records.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { workItems } from '../../shared/sql/support/contracts.ts';
import { batchName, FEED, sealed } from '../load/support/world.ts';
import { DAY, planOf, removedInADay, stagedKey, toSweeping } from './support/sweeping.ts';

const BATCH = batchName(1);
const OLD = KEEP_RECORDS_MS + DAY;
const STEP = toKey({
  kind: 'step',
  ...{ feed: FEED, batch: BATCH, definition: workItems.hash, slice: 0, restart: 0, step: 0 },
});
const [PLAN, RECORD] = planOf(BATCH);

/** A batch that was planned and read so long ago. */
const toAged = (ageMs = OLD) => {
  const sweeping = toSweeping();
  const { world, land, objects } = sweeping;
  const put = async (key: string, text = '{}', age = ageMs) => {
    await world.records.putIfAbsent(key, text);
    land(key, age);
  };
  const read = async () => {
    await put(PLAN, toRecordText(RECORD));
    await put(STEP);
  };
  const left = () => [...objects.keys()].sort();
  return { ...sweeping, put, read, left };
};

describe('records of long ago', () => {
  it('go with the plan of a batch that is sealed and has no file left', async () => {
    const aged = toAged();
    await aged.read();
    await aged.world.put(sealed(1));
    await aged.world.loadOnce();
    expect(await removedInADay(aged)).toBe(2);
    expect(aged.left()).toEqual([]);
  });

  it('stay while the batch waits for its load', async () => {
    const aged = toAged();
    await aged.read();
    await aged.world.put(sealed(1));
    expect(await removedInADay(aged)).toBe(0);
  });

  it('stay while it is parked', async () => {
    const aged = toAged();
    await aged.read();
    await aged.world.put(sealed(1));
    await aged.world.loadOnce();
    await aged.world.records.putIfAbsent(toKey({ kind: 'parked', feed: FEED, batch: BATCH }), '{}');
    expect(await removedInADay(aged)).toBe(0);
  });

  it('stay while it is not sealed: what its plan fixed counts for the steps that it has', async () => {
    const aged = toAged();
    await aged.read();
    expect(await removedInADay(aged)).toBe(0);
  });

  it('stay while a file of it is there', async () => {
    const aged = toAged();
    await aged.read();
    await aged.world.put(sealed(1));
    await aged.world.loadOnce();
    await aged.put(stagedKey(BATCH, 'a'), '', 0);
    expect(await removedInADay(aged)).toBe(0);
  });

  it('stay for 90 days, and while another plan of the batch is younger', async () => {
    const young = toAged(KEEP_RECORDS_MS - DAY);
    await young.read();
    await young.world.put(sealed(1));
    await young.world.loadOnce();
    expect(await removedInADay(young)).toBe(0);
    const mixed = toAged();
    await mixed.read();
    await mixed.world.put(sealed(1));
    await mixed.world.loadOnce();
    await mixed.put(
      toKey({ kind: 'plan', feed: FEED, batch: BATCH, definition: 'abc' }),
      toRecordText(RECORD),
      DAY,
    );
    expect(await removedInADay(mixed)).toBe(0);
  });

  it('of loads go but for the newest day’s, and what is not ours stays', async () => {
    const aged = toAged();
    const load = (day: string, load: number) => ({ feed: FEED, date: `2026/01/${day}`, load });
    for (const name of [load('01', 1), load('02', 1), load('02', 2)]) {
      await aged.put(toKey({ kind: 'load', ...name }));
      await aged.put(toKey({ kind: 'manifest', ...name, table: 'ewm.work_items' }));
    }
    await aged.put(`loads/${FEED}/2026/01/01/notes.txt`);
    await aged.put(toKey({ kind: 'unchanged', feed: FEED, date: '2026/01/01', batch: BATCH }));
    let removed = 0;
    for (let turn = 0; turn < TURNS; turn += 1) removed += await removeOldRecords(FEED, turn, aged.deps());
    expect(removed).toBe(3);
    expect(aged.left().map((key) => key.slice(`loads/${FEED}/2026/01/`.length))).toEqual([
      '01/notes.txt',
      '02/00001.json',
      '02/00001/ewm.work_items.manifest',
      '02/00002.json',
      '02/00002/ewm.work_items.manifest',
    ]);
  });

  it('of failures go after 30 days', async () => {
    const failure = (stamp: string) =>
      toKey({ kind: 'failure', feed: FEED, date: '2026/01/01', stamp: `20260101T${stamp}Z` });
    const aged = toAged(31 * DAY);
    await aged.put(failure('010000000'));
    await aged.put(failure('020000000'), '{}', 29 * DAY);
    expect(await removedInADay(aged)).toBe(1);
    expect(aged.left()).toEqual([failure('020000000')]);
  });

  it('are removed in full where a sweep ended in the middle', async () => {
    const aged = toAged();
    await aged.read();
    await aged.world.put(sealed(1));
    await aged.world.loadOnce();
    aged.objects.delete(STEP);
    expect(await removedInADay(aged)).toBe(2);
  });
});
