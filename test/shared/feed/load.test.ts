import { expect, test } from 'vitest';
import { hashDefinition } from '../../../shared/model/canonical.ts';
import { feedOf, TABLES } from '../../handlers/extract/world.ts';
import { edit, problemsOf, WORK_ITEMS } from './sample.ts';

const loading = (load: string) => edit(WORK_ITEMS, 'paused: false', `load: ${load}`);

test.each([
  [
    '{ every: 7m }',
    [
      "42:16: load.every: got '7m', allowed 1m 2m 3m 4m 5m 6m 10m 12m 15m 20m 30m 1h 2h 3h 4h 6h 8h 12h 1d, which divide an hour or a day: write 6m or 10m",
    ],
  ],
  ['{ every: seal }', ["42:16: load.every: got 'seal', allowed batch or a duration such as 5m"]],
  [
    '{ maxBytes: 2GiB }',
    ['42:19: load.maxBytes: got 2GiB, allowed 1B to 1GiB, the most that one load takes'],
  ],
  ['{ maxBytes: 0B }', ['42:19: load.maxBytes: got 0B, allowed 1B to 1GiB, the most that one load takes']],
  ['{ each: 5m }', ['42:9: load.each: unknown key, allowed every maxBytes']],
])('refuses load: %s', (load, expected) => {
  expect(problemsOf(loading(load))).toEqual(expected);
});

test('another cadence reads no batch anew', () => {
  const drops = (extra = '') => feedOf('drops', `source: { s3: {} }\n${extra}${TABLES}`);
  const paced = drops('load: { every: 5m, maxBytes: 64MiB }\n');
  expect(paced.load).toEqual({ everyMs: 300_000, maxBytes: 64 * 1024 ** 2 });
  expect(drops('load: { every: batch }\n').load).toEqual({ everyBatch: true });
  expect(hashDefinition(paced, undefined)).toBe(hashDefinition(drops(), undefined));
});
