import { mkdtempSync, readFileSync, rmSync, truncateSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nearestName } from '../../../../infra/local/redshift/nearest-name.ts';
import { openPostgres, type Postgres } from '../../../../infra/local/redshift/postgres.ts';
import { tellDefaultSizes } from '../../../../infra/local/redshift/sql/default-sizes.ts';
import { admitQuery, admitStatement } from '../../../../infra/local/redshift/sql/gate.ts';

/** A new database takes 3 s on a quiet machine. */
const START_MS = 120_000;

let data: string;
let dir: string;
let postgres: Postgres;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'warehouse-'));
  dir = join(data, 'redshift');
  postgres = await openPostgres(dir);
  await postgres.run('CREATE TABLE t (k int, g varchar(9), n numeric(9,2), d date, j millrace_system.super)');
  await postgres.run(`INSERT INTO t VALUES (1, 'a', 1.5, '2024-01-31', '{"a": [{"c": 5, "s": "x"}, {"c": 6}]}'),
    (2, 'a', 2.5, '2024-02-01', '{"a": []}'), (3, 'b', NULL, NULL, NULL)`);
}, START_MS);

afterAll(() => rmSync(data, { recursive: true }));

/** Queries as people write them for Redshift, and the rows that the guide's pages give. */
const QUERIES: readonly (readonly [string, readonly (readonly (string | null)[])[]])[] = [
  ["SELECT LISTAGG(k, ',') WITHIN GROUP (ORDER BY k DESC) FROM t", [['3,2,1']]],
  ['SELECT LISTAGG(DISTINCT g) WITHIN GROUP (ORDER BY g) FROM t', [['ab']]],
  [
    "SELECT k, LISTAGG(k, '-') WITHIN GROUP (ORDER BY k) OVER (PARTITION BY g) FROM t ORDER BY k",
    [
      ['1', '1-2'],
      ['2', '1-2'],
      ['3', '3'],
    ],
  ],
  ["SELECT DATEADD(month, 18, '2008-02-28')", [['2009-08-28 00:00:00']]],
  ["SELECT DATEADD(m, 30, '2008-02-28')", [['2008-02-28 00:30:00']]],
  [
    "SELECT DATEDIFF(year, '2023-12-31', '2024-01-01'), DATEDIFF(week, '2009-01-01', '2009-12-31')",
    [['1', '52']],
  ],
  ["SELECT CONVERT_TIMEZONE('UTC', 'Europe/Berlin', '2024-07-01 12:00')", [['2024-07-01 14:00:00']]],
  [
    "SELECT NVL2(n, 'y', 'n'), NVL(n, 0), DECODE(n, NULL, 'none', 'some') FROM t WHERE k = 3",
    [['n', '0', 'none']],
  ],
  ['SELECT MEDIAN(n)::decimal(9,1), AVG(k) FROM t', [['2.0', '2']]],
  ['SELECT TOP 1 k FROM t ORDER BY k DESC', [['3']]],
  ['SELECT k FROM t WHERE k < 3 MINUS SELECT 1', [['2']]],
  [
    'SELECT * FROM (SELECT k FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY g ORDER BY k DESC) = 1) x',
    [['2'], ['3']],
  ],
  ['SELECT k, RANK() OVER (ORDER BY k DESC) AS r FROM t QUALIFY r = 1 LIMIT 5', [['3', '1']]],
  ["SELECT j.a[0].c, t.j.a[0].s::varchar(9), j.z FROM t WHERE t.j.a[0].s = 'x'", [['5', 'x', null]]],
  [
    'SELECT k, x.c FROM t, t.j.a AS x WHERE x.c > 1 ORDER BY x.c',
    [
      ['1', '5'],
      ['1', '6'],
    ],
  ],
  ["SELECT k FROM t WHERE (k, g) = (1, 'a') OR (k, g) IN ((3, 'b'))", [['1'], ['3']]],
  [
    "SELECT REGEXP_REPLACE('a1b2', '[0-9]'), REGEXP_SUBSTR('abc', 'x'), CHARINDEX('b', 'abc')",
    [['ab', '', '2']],
  ],
  [
    "SELECT JSON_SERIALIZE(j), JSON_EXTRACT_PATH_TEXT('{bad', 'a', true) FROM t WHERE k = 2",
    [['{"a":[]}', null]],
  ],
  ['SELECT APPROXIMATE COUNT(DISTINCT g), EXTRACT(year FROM MIN(d)) FROM t', [['2', '2024']]],
  // MONTHS_BETWEEN_function has the first two.
  [
    "SELECT MONTHS_BETWEEN('1969-01-18', '1969-03-18'), MONTHS_BETWEEN('2024-02-29', '2024-01-31 12:00')",
    [['-2', '1']],
  ],
  [
    "SELECT MONTHS_BETWEEN('2024-03-16 12:00', '2024-02-01')::decimal(9,4), MONTHS_BETWEEN(d, NULL) FROM t WHERE k = 1",
    [['1.5000', null]],
  ],
  [
    "SELECT LEN(REPEAT('x', 300)::varchar), LEN(CAST(REPEAT('x', 300) AS text)), 1.5::numeric, '2.4'::decimal",
    [['256', '256', '2', '2']],
  ],
  ['SELECT j.a[0].s::varchar, n::decimal FROM t WHERE k = 1', [['x', '2']]],
  ["SHOW TABLES FROM SCHEMA public LIKE 't%' LIMIT 5;", [['postgres', 'public', 't', 'TABLE', null, null]]],
  ['show tables from schema dev.public', [['dev', 'public', 't', 'TABLE', null, null]]],
  ['SHOW TABLES FROM SCHEMA nowhere', []],
  ['SELECT CHR(65279) || g, 9007199254740993::bigint FROM t WHERE k = 1', [['\ufeffa', '9007199254740993']]],
];

test.each(QUERIES)('%s', async (sql, rows) => {
  expect((await postgres.query(await admitQuery(sql))).rows).toEqual(rows);
});

test("docs/feeds.md's query of an element as JSON gives its lines", async () => {
  const page = readFileSync('docs/feeds.md', 'utf8');
  const block = (kind: string): string =>
    new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? '';
  await postgres.run('CREATE SCHEMA shop');
  await postgres.run('CREATE TABLE shop.orders (payload millrace_system.super)');
  await postgres.run(`INSERT INTO shop.orders VALUES ('${block('json')}')`);
  const query = block('sql').replace('SELECT ', 'SELECT o.payload.note[1], ');
  expect((await postgres.query(await admitQuery(query))).rows).toEqual([
    [null, '"7"', '"A1"', '2'],
    [null, '"7"', '"B2"', '1'],
  ]);
});

test.each([
  [
    'SELECT * FROM stl_query',
    /"stl_query" does not exist: Redshift has it, and it is not known to the local warehouse/,
  ],
  ['SELECT * FROM svl_qlog', /Redshift has it, and it is not known/],
  [
    'SELECT * FROM sys_query_histroy',
    /Redshift has no such system view, the nearest is sys_query_history; see/,
  ],
  ['SELECT * FROM stv_zzzzzzzz', /"stv_zzzzzzzz" does not exist: Redshift has no such system view; see/],
  ['SELECT kk FROM t', /column "kk" does not exist, the nearest is k of \w+\.t$/],
])('%s is told apart', async (sql, message) => {
  const cause = await postgres.query(await admitQuery(sql)).catch((error: unknown) => error);
  expect(`${cause instanceof Error ? cause.message : ''}${await nearestName(cause, sql, postgres)}`).toMatch(
    message,
  );
});

test('a table of its own may begin as a system view does', async () => {
  await postgres.run('CREATE TABLE sys_mine (k int)');
  expect((await postgres.query(await admitQuery('SELECT * FROM sys_mine'))).rows).toEqual([]);
  await postgres.run('DROP TABLE sys_mine');
});

test.each([
  [
    'SELECT a::varchar, b::varchar(9), CAST(c AS text)',
    [
      'varchar without a size is varchar(256), as on Redshift',
      'text without a size is varchar(256), as on Redshift',
    ],
  ],
  ["SELECT '::varchar' AS text, x AS numeric FROM t", []],
  ['SELECT a::decimal, a::decimal', ['decimal without a size is decimal(18,0), as on Redshift']],
  ['SELECT $$ no SQL', []],
])('says which size a cast has that was written without: %s', (sql, told) => {
  expect(tellDefaultSizes(sql)).toEqual(told);
});

test('a table may have columns of every word that its grammar has', async () => {
  const words = [
    'check',
    'foreign',
    'constraint',
    'primary',
    'like',
    'unique',
    'identity',
    'references',
    'select',
  ];
  const columns = words.map((word) => `"${word}" INT`).join(', ');
  const admitted = await admitStatement(`CREATE TABLE "order" (${columns})`, { isInTransaction: true });
  await postgres.run(admitted.kind === 'command' ? admitted.text : '');
  const { columns: found } = await postgres.query(await admitQuery('SELECT * FROM "order"'));
  expect(found.map(({ name }) => name)).toEqual(words);
});

test('refuses a folder whose files are gone or cut, and names the file', async () => {
  await postgres.close();
  truncateSync(join(dir, 'pg/base/1/1259'), 8192);
  await expect(openPostgres(dir)).rejects.toThrow(/base\/1\/1259 has 8192 bytes.*mv '/);
  unlinkSync(join(dir, 'pg/PG_VERSION'));
  await expect(openPostgres(dir)).rejects.toThrow(/pg\/PG_VERSION is gone.*mv '/);
});
