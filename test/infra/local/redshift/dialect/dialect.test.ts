import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { admitStatement } from '../../../../../infra/local/redshift/sql/gate.ts';
import { featuresOf } from './features.ts';
import { generatedStatements } from './generated.ts';
import { REFUSALS } from './refusals.ts';
import { RULES } from './rules.ts';

const GUIDE = 'https://docs.aws.amazon.com/redshift/latest/dg/';
const page = readFileSync('docs/redshift-sql.md', 'utf8');

/** These may not stand in a transaction; everything else may. */
const ALONE = /^ALTER TABLE \S+ ALTER COLUMN/;

/** Refusals in Redshift's own words, which name no page. */
const IN_WORDS: readonly RegExp[] = [
  /inside a transaction block/,
  /syntax error at or near ","/,
  /commits by itself/,
];

describe('the SQL that Millrace writes', () => {
  it('uses what a rule has a page for, and nothing else', async () => {
    for (const sql of generatedStatements())
      for (const feature of await featuresOf(sql)) expect(Object.keys(RULES), sql).toContain(feature);
  });

  it('uses each rule: one that nothing needs any more goes', async () => {
    const used = new Set<string>();
    for (const sql of generatedStatements()) for (const feature of await featuresOf(sql)) used.add(feature);
    expect([...used].sort()).toEqual(Object.keys(RULES).sort());
  });

  it('is taken by the local warehouse, statement by statement', async () => {
    for (const sql of generatedStatements())
      await expect(admitStatement(sql, { isInTransaction: !ALONE.test(sql) }), sql).resolves.toBeDefined();
  });
});

describe('what Redshift refuses', () => {
  it.each(REFUSALS)('is refused by the local warehouse too: %s', async (sql, name) => {
    const refused = await admitStatement(sql, { isInTransaction: true }).then(
      () => 'taken',
      (error: Error) => error.message,
    );
    if (IN_WORDS.some((words) => words.test(refused))) return;
    expect(refused).toContain(`${GUIDE}${name}.html`);
  });
});

/** The page with the rows of these tables under their heads. */
const withTables = (text: string, tables: Readonly<Record<string, readonly (readonly [string, string])[]>>) =>
  Object.entries(tables).reduce((before, [head, rows]) => {
    const start = `| ${head} | page |\n| --- | --- |\n`;
    const [above = '', below = ''] = before.split(start);
    const lines = rows.map(([what, name]) => `| \`${what}\` | [${name}](${GUIDE}${name}.html) |`);
    return `${above}${start}${lines.join('\n')}${below.slice(below.indexOf('\n\n'))}`;
  }, text);

it('docs/redshift-sql.md has both tables (vitest run test/infra/local/redshift/dialect -u writes them)', async () => {
  const tables = { 'what is used': Object.entries(RULES), statement: REFUSALS };
  await expect(withTables(page, tables)).toMatchFileSnapshot('../../../../../docs/redshift-sql.md');
});
