import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { columnsTable } from '../../../shared/columns/document.ts';

test("docs/feeds.md: the table of a column's keys is that of the registry", () => {
  const page = readFileSync(new URL('../../../docs/feeds.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## `columns`\n(.*?)^## /ms.exec(page) ?? [];
  const table = section.split('\n').filter((line) => line.startsWith('|'));
  expect(table.join('\n')).toBe(columnsTable());
});
