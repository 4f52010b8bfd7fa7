import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { QUESTIONS } from './ask.ts';

it('docs/redshift-sql.md has every question, and what rests on it', () => {
  const page = readFileSync(new URL('../../../docs/redshift-sql.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('## Unconfirmed'));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  expect(rows.slice(1)).toEqual(QUESTIONS.map(({ title, rests }) => `| ${title} | ${rests} |`));
});
