import { describe, expect, it } from 'vitest';
import { TargetChanged } from '../../../shared/errors.ts';
import { rulesOf } from '../../../shared/model/target-rules.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import {
  execute,
  executeToEnd,
  feedOf,
  itemsFeed,
  keysUnder,
  schedule,
  sealedBatches,
  worldOf,
} from './world.ts';

const feedBy = (key: string, sequence = '[modified]') =>
  feedOf(
    'items',
    `source:
  http:
    url: http://127.0.0.1:8080/workitem
    params: { from: "\${window.from}", to: "\${window.to}" }
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: merge
    key: ${key}
    sequence: ${sequence}
    columns:
      id: bigint
      part: { path: comments/content, type: varchar(64), many: first, default: none }
      modified: timestamptz
`,
  );

const LATER = '2026-11-24T12:00:00.000Z';

describe('a feed whose table is kept by other rules than its rows in the warehouse', () => {
  it.each([
    ['key', feedBy('[id, part]'), 'merge; key id part; sequence modified'],
    ['sequence', feedBy('[id]', '[modified, part]'), 'merge; key id; sequence modified part'],
  ])(
    'is refused before anything is asked or planned, by its %s; undone, it goes on',
    async (_, changed, rules) => {
      const world = worldOf(feedBy('[id]'), pagedSource({ pages: 1, rowsPerPage: 2 }));
      await executeToEnd(world, schedule());
      const before = [...world.records.entries.keys()];
      const { error } = await execute({ ...world, feed: changed }, schedule(LATER));
      expect(error).toBeInstanceOf(TargetChanged);
      expect(error).toHaveProperty(
        'message',
        `table ewm.items is kept by "merge; key id; sequence modified" (targets/ewm.items.json, by feed items), and the feed says "${rules}": ` +
          'rows in two orders of versions would mix; undo the change, or have the table made anew by the feed as it is now: npx millrace rebuild ewm.items',
      );
      const after = [...world.records.entries.keys()].filter((key) => !/^(failures|attention)\//.test(key));
      expect(after).toEqual(before);
      await executeToEnd(world, schedule(LATER));
      expect(sealedBatches(world)).toHaveLength(2);
    },
  );

  it('may name its key in another order', () => {
    const [items] = itemsFeed().contract.tables;
    if (items === undefined) throw new Error('a table expected');
    const [one, other] = [
      ['id', 'part'],
      ['part', 'id'],
    ].map((key) => rulesOf({ ...items, key }));
    expect(one).toBe(other);
  });

  it('may still change while nothing was sealed by it', async () => {
    const world = worldOf(feedBy('[id]'), pagedSource({ pages: 1, rowsPerPage: 2 }));
    const source = { ...world.source, open: () => Promise.reject(new Error('down')) };
    await execute({ ...world, source }, schedule());
    expect(keysUnder(world, 'targets/')).toEqual([]);
    await executeToEnd({ ...world, feed: feedBy('[id, part]') }, schedule());
    expect(sealedBatches(world)).toHaveLength(1);
  });

  it('is not sealed where another feed sealed rows for the table meanwhile', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 2 }));
    const key = toKey({ kind: 'target', table: 'ewm.comments' });
    const other = { target: 'ewm.comments', rules: 'append', feed: 'other', invocation: 'i' };
    const open: typeof world.source.open = async (...request) => {
      await world.records.putIfAbsent(key, toRecordText(other));
      return world.source.open(...request);
    };
    const { error } = await execute({ ...world, source: { ...world.source, open } }, schedule());
    expect(error).toBeInstanceOf(TargetChanged);
    expect(sealedBatches(world)).toEqual([]);
    expect(keysUnder(world, 'pending/')).toEqual([]);
  });
});
