import { type Consequence, withAny } from './consequence.ts';

/** A source that has nothing says so in place of an empty page. */
export const empty = {
  word: 'empty',
  says: 'A page without a record, and the last one. Whether a batch without any record fails, `onEmpty` says.',
  judge: ({ says }) => ({ kind: 'end', says }),
  refuse: withAny,
} as const satisfies Consequence;
