import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../handlers/ports/warehouse.ts';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { openToDiff } from '../../../infra/cli/deployment/open-to-diff.ts';
import { type OpenDiff, showDiff } from '../../../infra/cli/show-diff.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { fakeIo } from './fake-io.ts';

const cwd = mkdtempSync(join(tmpdir(), 'diff-'));
afterAll(() => rmSync(cwd, { recursive: true }));
mkdirSync(join(cwd, 'feeds'));
writeFileSync(
  join(cwd, 'feeds/items.yaml'),
  'feed: items\nsource: { s3: {} }\ntables: { d.items: { rows: /r/i, disposition: append, columns: { id: bigint, note: date } } }\n',
);
writeFileSync(
  join(cwd, 'feeds/others.yaml'),
  'feed: others\nsource: { s3: {} }\ntables: { d.others: { rows: /r/i, disposition: append, columns: { id: bigint } } }\n',
);

const diff = async (words: readonly string[], open: OpenDiff) => {
  const line = parseCommandLine(['diff', ...words]);
  if (line.kind !== 'verb') throw new Error('a verb expected');
  const io = fakeIo({ cwd });
  return { status: await showDiff(line, io, open), out: io.out(), err: io.err() };
};

/** A warehouse that has these columns of d.items, and three rows in it. */
const warehouseOf =
  (columns: readonly (readonly [string, string])[]): OpenDiff =>
  async () => ({
    records: memoryRecordStore(),
    warehouse: {
      execute: async (sql): Promise<readonly Row[]> => {
        if (sql.includes('svv_columns'))
          return columns.map(([name, type]) => ['d', 'items', name, type, null, null, null, 'dev', null]);
        return sql.startsWith('SELECT COUNT(*)') ? [[3]] : [];
      },
    },
    close: async () => {},
  });

describe('millrace diff', () => {
  it('says of a folder where nothing was run that all is made', async () => {
    const { status, out, err } = await diff([], openToDiff);
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('items\n  d.items  is made\n  would run  CREATE SCHEMA IF NOT EXISTS "d";\n');
    expect(out).toMatch(
      /^ {2}would run {2}\d+ statements for Millrace's own tables and views; --json has them$/m,
    );
    expect(out).toContain('others\n  d.others  is made\n');
  });

  it('says what is refused, with what to do, and ends with 1', async () => {
    const { status, out } = await diff(['items'], warehouseOf([['id', 'bigint']]));
    expect(status).toBe(1);
    expect(out).toContain('  d.items  new columns note (null in 3 rows that are there)\n');
    expect(out).toContain('  rows left null: they stay so: landing files again would double their rows');
    expect(out).toContain('  needs  ALTER TABLE "d"."items" ADD COLUMN "note" DATE;\n');
    expect(out).toContain('  refused  WarehouseRefused: table d.items is in the warehouse and was not made');
    expect(out).not.toContain('others');
  });

  it('is one document with --json', async () => {
    const { status, out, err } = await diff(['--json', 'items'], warehouseOf([['id', 'date']]));
    expect([status, err]).toEqual([1, '']);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      feeds: [
        {
          feed: 'items',
          tables: [{ table: 'd.items', state: 'changed', added: ['note'], rowsLeftNull: 3 }],
          refusals: [{ error: 'WarehouseRefused' }, { error: 'WarehouseRefused' }],
        },
      ],
    });
  });

  it('knows the feeds of the folder alone', async () => {
    await expect(diff(['itmes'], openToDiff)).rejects.toThrow(
      'no feed itmes, did you mean items?; there are items, others',
    );
  });
});
