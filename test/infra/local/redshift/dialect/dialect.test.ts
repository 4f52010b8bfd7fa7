import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { admitStatement } from '../../../../../infra/local/redshift/sql/gate.ts';
import { featuresOf } from './features.ts';
import { generatedStatements } from './generated.ts';
import { REFUSALS } from './refusals.ts';
import { RULES } from './rules.ts';

const GUIDE = 'https://docs.aws.amazon.com/redshift/latest/dg/';
const page = readFileSync('docs/redshift-sql.md', 'utf8');
const link = (name: string): string => `[${name}](${GUIDE}${name}.html)`;

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

  it('stands in docs/redshift-sql.md, with its pages', () => {
    const rows = Object.entries(RULES).map(([rule, name]) => `| \`${rule}\` | ${link(name)} |`);
    expect(rowsOf(page, '| what is used | page |')).toEqual(rows);
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

  it('stands in docs/redshift-sql.md, with its pages', () => {
    const rows = REFUSALS.map(([sql, name]) => `| \`${sql}\` | ${link(name)} |`);
    expect(rowsOf(page, '| statement | page |')).toEqual(rows);
  });
});

/** The rows of the table under a head. */
const rowsOf = (text: string, head: string): readonly string[] => {
  const [, after = ''] = text.split(`${head}\n| --- | --- |\n`);
  return after.split('\n\n')[0]?.trim().split('\n') ?? [];
};
