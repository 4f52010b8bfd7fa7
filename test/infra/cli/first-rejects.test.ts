import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { planNameOf } from '../../../handlers/extract/plan-name.ts';
import { REJECT_COLUMNS, STAGED_NULL } from '../../../shared/csv/staged.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import type { StepRecord } from '../../../shared/state/records.ts';
import { toLine } from '../../shared/csv/to-line.ts';
import { fakeIo } from './fake-io.ts';
import { failedExecution, fakeBatch, fakeWorld } from './fake-session.ts';
import { scheduled, startRun } from './start-run.ts';

const fileOf = (invocation: string, batch = 'w-2'): string =>
  `staged/items/${batch}/${invocation}/_rejects/00000-00000.csv.zst`;

/** Rejects of `n` rows whose values are these. */
const putRejects = (world: ReturnType<typeof fakeWorld>, key: string, values: readonly string[]): void => {
  const rows = values.map((value, i) => [
    'ewm.items',
    String(i),
    'http://x/1',
    '3',
    String(i),
    'id <- @id',
    `${JSON.stringify(value)} is not an integer`,
    value,
  ]);
  const text = [REJECT_COLUMNS, ...rows].map((row) => toLine(row, STAGED_NULL)).join('');
  world.objects.set(key, zstdCompressSync(text).toString('latin1'));
};

const partsOf = (...keys: readonly string[]) => ({
  rows: 2 * keys.length,
  parts: keys.map((key) => ({ key, bytes: 1, rows: 2 })),
});

/** A run that seals one batch whose rejects lie in these files. */
const sealing = (...keys: readonly string[]) => {
  const world = fakeWorld();
  const warnings = ['2 rows were rejected; first: ewm.items at x: the value', 'column x matched nothing'];
  const batch = fakeBatch(scheduled, 'w-2', { rejects: partsOf(...keys), warnings });
  world.work = () => world.objects.set('batches/items/2026/01/15/w-2.json', toRecordText(batch));
  return world;
};

const outOf = async (world: ReturnType<typeof fakeWorld>, line = '--once --feed items', io = fakeIo()) =>
  (await startRun(line, { world, io })).io.out();

describe('the rejects of a run', () => {
  it('are told with their values, place and reason, and where all of them are', async () => {
    const world = sealing(fileOf('i'));
    putRejects(world, fileOf('i'), ['a,"b"\n', 'c']);
    const out = await outOf(world);
    expect(out).toContain(
      '  rejected  ewm.items at http://x/1 line 3, column 0: id <- @id: "a,\\"b\\"\\n" is not an integer\n',
    );
    expect(out).toContain('    all of them: npx millrace rejects items --batch w-2\n');
    expect(out).toContain('note  items: column x matched nothing');
    expect(out).not.toContain('2 rows were rejected; first:');
  });

  it('are five at most, of several files', async () => {
    const world = sealing(fileOf('i'), fileOf('k'));
    putRejects(world, fileOf('i'), ['a', 'b']);
    putRejects(world, fileOf('k'), ['c', 'd', 'e', 'f', 'g']);
    const out = await outOf(world);
    expect(out.match(/"." is not an integer/g)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((v) => `"${v}" is not an integer`),
    );
  });

  it('are left out of the JSON, whose warnings have no values', async () => {
    const world = sealing(fileOf('i'));
    putRejects(world, fileOf('i'), ['a', 'b']);
    const out = await outOf(world, '--once --json --feed items');
    expect(out).not.toContain('is not an integer');
    expect(JSON.parse(out).feeds.items.warnings).toHaveLength(2);
    expect(JSON.parse(out).feeds.items).not.toHaveProperty('firstRejects');
  });

  it('do not show a secret', async () => {
    const world = sealing(fileOf('i'));
    putRejects(world, fileOf('i'), ['sesame-opens']);
    const io = fakeIo({ env: { MILLRACE_SECRETS: '{"jazz":{"password":"sesame-opens"}}' } });
    const out = await outOf(world, '--once --feed items', io);
    expect(out).toContain('"***" is not an integer');
    expect(out).not.toContain('sesame');
  });

  it('are told of a batch that failed of too many, as its newest restart read them', async () => {
    const world = fakeWorld();
    const step = (key: string): StepRecord => ({
      invocation: 'i',
      at: '2026-01-15T08:00:00.000Z',
      tables: {},
      records: 2,
      outside: 0,
      rejects: partsOf(key),
      bytes: 1,
      pages: 1,
      firstRejects: [],
      matched: [],
      warnings: [],
      continuation: null,
    });
    const plan = {
      ...{
        feed: 'items',
        batch: 'w-2',
        invocation: 'i',
        date: '2026/01/15',
        observed: '2026-01-15T08:00:00.000Z',
      },
      ...{ definition: scheduled, slices: [] },
    };
    const name = planNameOf(plan);
    world.objects.set(toKey({ kind: 'plan', ...name }), toRecordText(plan));
    for (const restart of [0, 1]) {
      const key = fileOf(`r${restart}`);
      putRejects(world, key, [`value of ${restart}`]);
      world.objects.set(
        toKey({ kind: 'step', ...name, slice: 0, restart, step: 0 }),
        toRecordText(step(key)),
      );
    }
    world.objects.set(toKey({ kind: 'refusal', ...name, restart: 1 }), '{}');
    const cause = { errorMessage: 'over both', feed: 'items', batch: 'w-2', state: 'SealBatch' };
    world.work = () => {
      world.executions.push(failedExecution({ error: 'TooManyRejects', cause: JSON.stringify(cause) }));
    };
    const out = await outOf(world);
    expect(out).toContain('"value of 1" is not an integer');
    expect(out).not.toContain('value of 0');
    expect(out).toContain('all of them: npx millrace rejects items --batch w-2');
  });
});
