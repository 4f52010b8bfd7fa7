import { expect, test } from 'vitest';
import { edit, problemsOf, WORK_ITEMS } from './sample.ts';

// What is not built, by name.
test.each([
  [
    'a record above its first table',
    WORK_ITEMS,
    'contract: evolve',
    'record: /workitem/deleted',
    [
      "41:9: record: got '/workitem/deleted', allowed /workitem/workItem: another element than the first table's rows is not supported yet",
    ],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});
