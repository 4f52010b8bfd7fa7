import { expect, test } from 'vitest';
import { ATOM, edit, problemsOf, WORK_ITEMS } from './sample.ts';

/** Feeds of absurd sizes are problems with their place, found in no more time than it takes to read them. */

const refusal = (path: string): readonly string[] =>
  problemsOf(edit(ATOM, 'id: varchar(256)', `id: varchar(256) <- ${path}`));

test('refuses a path of many steps, characters or predicates, with its place', () => {
  expect(refusal('a/'.repeat(50_000).slice(0, -1))).toEqual([
    expect.stringMatching(
      /^10:11: tables\.atom\.entries\.columns\.id: .*got 99999 characters, allowed 4096$/,
    ),
  ]);
  expect(refusal('a/'.repeat(300).slice(0, -1))).toEqual([
    expect.stringMatching(/^10:11: .* got 300 steps, allowed 256$/),
  ]);
  expect(refusal(`a${'[1]'.repeat(33)}`)).toEqual([
    expect.stringMatching(/^10:11: .* got 33 predicates, allowed 32$/),
  ]);
});

test("refuses rows whose steps, with the parent's, are more than a path may have", () => {
  const rows = `${'comments/'.repeat(254)}comments`;
  expect(problemsOf(edit(WORK_ITEMS, 'rows: comments', `rows: ${rows}`))).toEqual([
    expect.stringMatching(/^\d+:\d+: tables\.ewm\.comments\.rows: .* got 257 steps, allowed 256$/),
  ]);
});

test('refuses more columns, tables and partitions than there may be', () => {
  const columns = Array.from({ length: 5000 }, (_, n) => `      c${n}: bigint\n`).join('');
  expect(
    problemsOf(
      `feed: f\nsource: { s3: {} }\ntables:\n  a.b:\n    rows: /r/i\n    disposition: append\n    columns:\n${columns}`,
    ),
  ).toEqual(['7:5: tables.a.b.columns: got 5000 columns, allowed 1 to 1591']);
  const tables = Array.from(
    { length: 1000 },
    (_, n) => `  a.t${n}: { rows: /r/i, disposition: append, columns: { c: bigint } }\n`,
  ).join('');
  expect(problemsOf(`feed: f\nsource: { s3: {} }\ntables:\n${tables}`)).toEqual([
    '3:1: tables: got 1000 tables, allowed 40: divide the feed',
  ]);
  const partitions = Array.from({ length: 5000 }, (_, n) => `  - { name: p${n} }\n`).join('');
  expect(
    problemsOf(
      `feed: f\nsource: { http: { url: "https://e.example/" } }\npartitions:\n${partitions}tables:\n  a.b: { rows: /r/i, disposition: append, columns: { c: bigint } }\n`,
    )[0],
  ).toMatch(/^4:3: partitions: .*allowed .*200/);
});

test('refuses a time format with a field twice, or longer than a pattern may be', () => {
  const format = (pattern: string): readonly string[] =>
    problemsOf(edit(ATOM, 'id: varchar(256)', `id: { type: timestamp, format: "${pattern}" }`));
  expect(format('yyyy-MM-dd yyyy')).toEqual([expect.stringMatching(/has year twice, allowed once$/)]);
  expect(format(`yyyy-MM-dd${'-'.repeat(200)}`)).toEqual([
    expect.stringMatching(/^10:\d+: .* has 210 characters, allowed 128$/),
  ]);
});
