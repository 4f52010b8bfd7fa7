import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../handlers/adapters/system-clock.ts';
import { planNameOf } from '../../../handlers/extract/plan-name.ts';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { runCommand } from '../../../infra/cli/command.ts';
import { showRejects } from '../../../infra/cli/show-rejects.ts';
import { REJECT_COLUMNS, STAGED_NULL } from '../../../shared/csv/staged.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { dropsFeed } from '../../handlers/extract/world.ts';
import { toLine } from '../../shared/csv/to-line.ts';
import { chunksOf } from '../../shared/xml/documents.ts';
import { fakeIo } from './fake-io.ts';

const { contract } = dropsFeed();
const OBSERVED = '2026-11-20T08:00:00.000Z';

/** A state with batches that rejected so many rows, each on a day of its own, the last the newest. */
const stateOf = (counts: readonly number[], parked: readonly string[] = []) => {
  const records = memoryRecordStore();
  const files = new Map<string, Buffer>();
  for (const [index, n] of counts.entries()) {
    const batch = `f-${index}`;
    const date = `2026/11/${10 + index}`;
    const key = `staged/drops/${batch}/i/_rejects/00000-00000.csv.zst`;
    const rows = Array.from({ length: n }, (_, i) => [
      ...['ewm.items', String(i + 1), `s3://b/${batch}.xml`, String(i + 1), '9', 'id <- id'],
      ...['"\u001b[31mx" is not an integer', i === 0 ? null : '\u001b[31mx'],
    ]);
    files.set(
      key,
      zstdCompressSync([[...REJECT_COLUMNS], ...rows].map((row) => toLine(row, STAGED_NULL)).join('')),
    );
    const rejects = { rows: n, parts: n === 0 ? [] : [{ key, bytes: 1, rows: n }] };
    const sealed = {
      ...{ feed: 'drops', batch, seal: 'i', observed: OBSERVED, contract, tables: {}, rejects },
      ...{ records: 1, outside: 0, bytes: 1, warnings: [], correlation: 'c' },
    };
    const plan = {
      feed: 'drops',
      batch,
      invocation: 'i',
      date,
      observed: OBSERVED,
      definition: dropsFeed(),
      slices: [],
    };
    const step = {
      ...{ invocation: 'i', at: OBSERVED, tables: {}, rejects, records: 1, outside: 0, bytes: 1, pages: 1 },
      ...{ firstRejects: [], matched: [], continuation: null },
    };
    const name = planNameOf(plan);
    records.entries.set(toKey({ kind: 'plan', ...name }), toRecordText(plan));
    records.entries.set(toKey({ kind: 'step', ...name, slice: 0, restart: 0, step: 0 }), toRecordText(step));
    if (!parked.includes(batch))
      records.entries.set(toKey({ kind: 'batch', feed: 'drops', date, batch }), toRecordText(sealed));
  }
  for (const batch of parked) {
    const one = {
      feed: 'drops',
      batch,
      invocation: 'i',
      state: 'Load',
      error: 'TooManyRejects',
      message: 'm',
      parkedAt: OBSERVED,
    };
    records.entries.set(`parked/drops/${batch}.json`, toRecordText(one));
  }
  const open = async (key: string) => {
    const bytes = files.get(key);
    return bytes === undefined ? undefined : chunksOf(bytes);
  };
  return { records, open, files, closed: 0 };
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rejects-'));
});
afterEach(() => rm(folder, { recursive: true }));

const show = async (state: ReturnType<typeof stateOf>, ...words: readonly string[]) => {
  const io = fakeIo({ cwd: folder });
  const line = parseCommandLine(['rejects', ...words]);
  if (line.kind !== 'verb') throw new Error(line.kind);
  const close = async (): Promise<void> => {
    state.closed += 1;
  };
  const status = await showRejects(line, io, async () => ({
    ...state,
    options: '',
    clock: systemClock,
    inventory: memoryInventory(new Map()),
    readFeeds: async () => ({ drops: dropsFeed() }),
    close,
  }));
  return { status, out: io.out(), err: io.err() };
};

describe('rejects', () => {
  test('are a table for each batch, the newest first, and steer no terminal', async () => {
    const state = stateOf([2, 0, 1]);
    const { status, out } = await show(state, 'drops');
    expect(status).toBe(0);
    expect(out.replaceAll(/ +/g, ' ').replaceAll(/─+/g, '─')).toBe(`f-2 1 row rejected, sealed without them
table place column reason value
─ ─ ─ ─ ─
ewm.items s3://b/f-2.xml:1:9 id <- id " [31mx" is not an integer ∅

f-0 2 rows rejected, sealed without them
table place column reason value
─ ─ ─ ─ ─
ewm.items s3://b/f-0.xml:1:9 id <- id " [31mx" is not an integer ∅
ewm.items s3://b/f-0.xml:2:9 id <- id " [31mx" is not an integer [31mx

`);
    expect(state.closed).toBe(1);
  });

  test('end with 1 where a batch of them waits for a person', async () => {
    const { status, out, err } = await show(stateOf([1, 1], ['f-0']), 'drops');
    expect([status, err]).toEqual([1, 'next: mend the feed; then npx millrace redrive drops f-0\n']);
    expect(out).toContain('f-0  1 row rejected, parked, nothing of it is loaded\n');
  });

  test('are no more than asked for, and say so', async () => {
    const { out } = await show(stateOf([5, 3]), 'drops', '--rows', '4');
    expect(out.match(/ewm\.items/g)).toHaveLength(4);
    expect(out).toContain('… 1 of 5\n');
    const { out: cut } = await show(stateOf([5, 3]), 'drops', '--rows', '3');
    expect(cut).toMatch(/f-1 .*\n\n… and more before that: --rows says how many are told\n$/s);
  });

  test('are of one batch where it is named, also of one that has none', async () => {
    expect((await show(stateOf([2, 1]), 'drops', '--batch', 'f-0')).out).not.toContain('f-1');
    expect((await show(stateOf([0]), 'drops', '--batch', 'f-0')).out).toBe(
      'f-0  0 rows rejected, sealed without them\n\n',
    );
    expect((await show(stateOf([0]), 'drops')).out).toBe('no row of feed drops was rejected\n');
  });

  test('are one JSON document, as many as there are', async () => {
    const { status, out } = await show(stateOf([1, 20_000], ['f-1']), 'drops', '--json', '--rows', '30000');
    const { feed, rejects, gone, more } = JSON.parse(out);
    expect([status, feed, rejects.length, gone, more]).toEqual([1, 'drops', 20_001, [], false]);
    expect(rejects.at(-1)).toEqual({
      ...{
        batch: 'f-0',
        state: 'sealed',
        table: 'ewm.items',
        row: 1,
        place: 's3://b/f-0.xml',
        line: 1,
        column: 9,
      },
      ...{ path: 'id <- id', reason: '"\u001b[31mx" is not an integer', value: null },
    });
    expect(JSON.parse((await show(stateOf([3]), 'drops', '--json', '--rows', '2')).out)).toMatchObject({
      more: true,
    });
    expect(JSON.parse((await show(stateOf([2]), 'drops', '--json', '--rows', '2')).out)).toMatchObject({
      more: false,
    });
  });

  test('whose files were removed are told as gone', async () => {
    const state = stateOf([2]);
    state.files.clear();
    expect((await show(state, 'drops')).out).toContain('files of rejected rows were removed');
    expect(JSON.parse((await show(state, 'drops', '--json')).out)).toMatchObject({
      rejects: [],
      gone: ['f-0'],
    });
  });

  test.each([
    [['dropps'], 'no batch of feed dropps was ever planned here, did you mean drops?; allowed: drops'],
    [['drops', '--batch', 'f-9'], 'feed drops has no batch f-9'],
    [['drops', '--rows', '0'], '--rows takes 1 to 10000'],
    [['drops', '--rows', '10001'], '--rows takes 1 to 10000, and any number with --json, got "10001"'],
    [['drops', 'more'], 'rejects takes FEED, or replay FEED, got "drops" "more"'],
  ])('refuses %j', async (words, message) => {
    const state = stateOf([1]);
    await expect(show(state, ...words)).rejects.toThrow(message);
  });

  test('refuses a folder together with AWS, and one where nothing was run, of which it makes nothing', async () => {
    const start = async (...words: readonly string[]) => {
      const io = fakeIo({ cwd: folder });
      return { status: await runCommand(['rejects', ...words], io, '0'), err: io.err() };
    };
    const env = await start('drops', '--env', 'prod', '--data', 'x');
    expect(env.status).toBe(2);
    expect(env.err).toContain(
      '--data names a folder of this machine, and --env a deployment on AWS: give only one of them',
    );
    const none = await start('drops', '--data', 'none');
    expect(none.status).toBe(2);
    expect(none.err).toContain('nothing was run there: tried ');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
