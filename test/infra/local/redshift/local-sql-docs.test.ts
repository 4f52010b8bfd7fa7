import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../../../infra/local/redshift/sql/functions.ts';
import { MARKS } from '../../../../infra/local/redshift/sql/rewrite-tokens.ts';

test('docs/local-sql.md lists each function that the local warehouse knows, and no other', () => {
  const [, list = ''] = readFileSync('docs/local-sql.md', 'utf8').split('\n## Functions\n');
  const told = [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  const marks: readonly string[] = Object.values(MARKS);
  expect(told).toEqual([...FUNCTIONS].filter((name) => !marks.includes(name)).sort());
});
