import * as z from 'zod';

/**
 * How rows that come meet rows that are there, by the word that a feed has for it. What each does is an object in shared/sql/dispositions;
 * a new one is its file there, and its place in this list.
 */
export const DISPOSITIONS = [
  {
    word: 'append',
    says: 'Every row is new, or with a `key` the first version of each key stays (first by `sequence`, then by batch), in whatever order batches load.',
  },
  { word: 'replace', says: 'The newest whole batch stands alone.' },
  { word: 'merge', says: 'The newest version of a key stands. Needs a `key`.' },
  {
    word: 'history',
    says: 'Every version of a key stands, with the time for which it held (SCD type 2): see [History](#history). Needs a `key`.',
  },
] as const;

/** Which a release knows that reads records of version 1 alone: see shared/state/record-text.ts. */
export const FIRST_DISPOSITIONS: readonly string[] = ['append', 'replace', 'merge'];

export const DISPOSITION_WORDS = DISPOSITIONS.map(({ word }) => word);

export const disposition = z.enum(DISPOSITION_WORDS);
export type DispositionWord = z.infer<typeof disposition>;
