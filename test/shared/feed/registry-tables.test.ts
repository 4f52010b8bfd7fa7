import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  authTable,
  compareKeysTable,
  deletesTable,
  dispositionTable,
  pagingTable,
  responsesTable,
  valueTable,
} from '../../../shared/feed/registry-tables.ts';

const docs = readFileSync('docs/feeds.md', 'utf8');

test.each([
  ['kinds of auth', authTable],
  ['forms of paging', pagingTable],
  ['variables of value', valueTable],
  ['words of then', responsesTable],
  ['words of disposition', dispositionTable],
  ['words of mode', deletesTable],
  ['keys of compareKeys', compareKeysTable],
])('docs/feeds.md has the table of %s as the registry makes it', (_, table) => {
  expect(docs).toContain(table());
});
