import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordTooNew } from '../../../shared/errors.ts';
import { parseKey } from '../../../shared/state/keys.ts';
import {
  RECORD_VERSION,
  readRecordText,
  recordReader,
  toRecordText,
} from '../../../shared/state/record-text.ts';
import { RECORDS } from '../../../shared/state/records.ts';

/** A folder a release, with one object or more of each kind under its own key. Files are added with a release, and never changed. */
const FIXTURES = join(import.meta.dirname, '../../fixtures/records');

/** Kinds of records that a release did not have yet. */
const LATER: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '0.1.0',
    [
      'unchanged',
      'spool',
      'spooled',
      'deployed',
      'paused',
      'skipped',
      'failure',
      'backfill',
      'backfilled',
      'rebuild',
      'rebuilt',
      'waiting',
      'mark',
      'attention',
    ],
  ],
]);

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const releases = readdirSync(FIXTURES).map((release) => {
  const folder = join(FIXTURES, release);
  const records = filesBelow(folder).map((file) => {
    const key = file.slice(folder.length + 1);
    const { kind } = parseKey(key);
    if (kind === 'staged' || kind === 'piece' || kind === 'spoolBody' || kind === 'manifest')
      throw new Error(`${key} is no record`);
    return { key, kind, text: readFileSync(file, 'utf8') };
  });
  return { release, records };
});
const everyRecord = releases.flatMap(({ release, records }) =>
  records.map((record) => ({ release, ...record })),
);

/** The value with a key more in each of its objects. */
const withUnknown = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return value.map((item) => withUnknown(item, key));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, withUnknown(item, key)] as const);
  return { ...Object.fromEntries(entries), [key]: { of: 'a newer release' } };
};

/** What the schema knows and what it does not know are both there. */
const contained = (read: unknown, written: unknown): void => expect(read).toMatchObject(written as object);

describe('the records of every release', () => {
  it.each(releases)('$release has one of each kind that it had', ({ release, records }) => {
    const later = LATER.get(release) ?? [];
    const kinds = Object.keys(RECORDS).filter((kind) => !later.includes(kind));
    expect([...new Set(records.map(({ kind }) => kind))].sort()).toEqual(kinds.sort());
  });

  it.each(everyRecord)('$release $key is read, and nothing of it is lost', ({ key, kind, text }) => {
    const { v: _, ...written } = JSON.parse(text);
    contained(readRecordText<unknown>(key, text, RECORDS[kind]), written);
  });
});

describe('a record of a newer release', () => {
  it.each(everyRecord)('$kind is read with its unknown keys, and keeps them', ({ key, kind, text }) => {
    const { v: _, ...written } = JSON.parse(text);
    // The names of tables, columns and parameters are the users': a key there is a value, and has the value's form.
    const maps = /"(tables|rejected|nearest|namespaces|values)":/;
    const newer = maps.test(text) ? { ...written, newer: 1 } : (withUnknown(written, 'newer') as object);
    contained(readRecordText<unknown>(key, toRecordText(newer), RECORDS[kind]), newer);
  });

  it('keeps the unknown keys of a contract, which a load’s record copies from a batch’s', () => {
    const batch = everyRecord.find(({ kind }) => kind === 'batch');
    const { v: _, ...record } = JSON.parse(batch?.text ?? '');
    const [table] = record.contract.tables;
    const contract = { ...record.contract, newer: 1, tables: [{ ...table, newer: [2] }] };
    const read = readRecordText(batch?.key ?? '', toRecordText({ ...record, contract }), RECORDS.batch);
    contained(read.contract, contract);
  });

  it('is refused by name where its version is above this release’s', () => {
    for (const { key, kind, text } of everyRecord) {
      const newer = JSON.stringify({ ...JSON.parse(text), v: RECORD_VERSION + 1 });
      const read = (): unknown => readRecordText<unknown>(key, newer, RECORDS[kind]);
      expect(read).toThrow(RecordTooNew);
      expect(read).toThrow(
        `record ${key} is of version ${RECORD_VERSION + 1}, allowed up to ${RECORD_VERSION}: a newer release wrote it; deploy that release, or a later one`,
      );
    }
  });

  it('is refused with its key where its version is none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (v) => {
        fc.pre(!(typeof v === 'number' && Number.isInteger(v) && v > 0));
        const text = JSON.stringify({ v, execution: 'e', until: '2026-11-23T12:00:00.000Z' });
        expect(() => readRecordText('leases/items.json', text, RECORDS.lease)).toThrow(
          /^record leases\/items\.json: v: got .*, allowed a version, 1 to 4$/,
        );
      }),
    );
  });
});

const withTombstones = ({ contract, definition, ...record }: Record<string, never>): object => {
  const add = ({ tables = [], ...rest }: { tables?: readonly { table: string }[] }): object => {
    const [{ table } = expect.unreachable()] = tables;
    const tombstones = { ...tables[0], table: `${table}$deleted`, deletes: { table, mode: 'delete' } };
    return { ...rest, tables: [...tables, tombstones] };
  };
  if (contract !== undefined) return { ...record, contract: add(contract) };
  const { contract: inner = expect.unreachable(), ...feed } = definition ?? {};
  return { ...record, definition: { ...feed, contract: add(inner) } };
};

const withHistory = (record: object): object =>
  JSON.parse(JSON.stringify(record).replaceAll(/"disposition":"\w+"/g, '"disposition":"history"'));

describe.each([
  ['tombstones', (record: Record<string, never>) => withTombstones(record)],
  ['history', withHistory],
])('a record whose contract has %s', (_, change) => {
  const kinds = ['plan', 'batch', 'load'] as const;
  const contracted = kinds.flatMap((kind) => everyRecord.filter((one) => one.kind === kind));
  const readByOne = recordReader(1);

  it.each(contracted)(
    '$kind is refused by a release that knows of none, and read by this one',
    ({ key, kind, text }) => {
      const { v: _, ...record } = JSON.parse(text);
      const written = toRecordText(change(record));
      const read = (): unknown => readByOne<unknown>(key, written, RECORDS[kind]);
      expect(read).toThrow(RecordTooNew);
      expect(read).toThrow(`record ${key} is of version 2, allowed up to 1: a newer release wrote it`);
      contained(readRecordText<unknown>(key, written, RECORDS[kind]), change(record));
    },
  );

  it('is the only kind that is: all others are as such a release reads them', () => {
    expect(contracted.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...kinds]));
    for (const { key, kind, text } of everyRecord) {
      const { v: _, ...record } = JSON.parse(text);
      contained(readByOne<unknown>(key, toRecordText(record), RECORDS[kind]), record);
    }
  });
});

describe('a record of what ends a rebuild', () => {
  const cases = everyRecord.filter(({ kind }) => kind === 'batch' || kind === 'load');

  it.each(cases)('$kind is refused by a release before it, and read by this one', ({ key, kind, text }) => {
    const { v: _, contract, ...record } = JSON.parse(text);
    const changed = { ...record, contract: { ...contract, swaps: { request: '0123456789ab' } } };
    const read = (): unknown => recordReader(3)<unknown>(key, toRecordText(changed), RECORDS[kind]);
    expect(read).toThrow(`record ${key} is of version 4, allowed up to 3: a newer release wrote it`);
    contained(readRecordText<unknown>(key, toRecordText(changed), RECORDS[kind]), changed);
  });
});

describe('a record of a comparison, or of a table whose rows a comparison marks', () => {
  type Contracted = { readonly tables?: readonly object[] };
  const comparing = ({ tables = [], ...rest }: Contracted) => ({
    ...rest,
    tables: tables.slice(0, 1),
    compares: { mode: 'delete', atMost: { count: 10, percent: 1 }, tables },
  });
  const marking = ({ tables: [first, ...more] = [], ...rest }: Contracted) => ({
    ...rest,
    tables: [{ ...first, marks: true }, ...more],
  });
  const cases = [comparing, marking].flatMap((change) =>
    everyRecord.filter(({ kind }) => kind === 'batch').map((one) => ({ ...one, change })),
  );

  it.each(cases)('$kind is refused by a release before it, and read by this one', (one) => {
    const { v: _, contract, ...record } = JSON.parse(one.text);
    const changed = { ...record, contract: one.change(contract) };
    const read = (): unknown => recordReader(2)<unknown>(one.key, toRecordText(changed), RECORDS[one.kind]);
    expect(read).toThrow(`record ${one.key} is of version 3, allowed up to 2: a newer release wrote it`);
    contained(readRecordText<unknown>(one.key, toRecordText(changed), RECORDS[one.kind]), changed);
  });
});
