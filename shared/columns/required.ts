import * as z from 'zod';
import { fail } from '../values/failure.ts';
import { option } from './option.ts';

export const required = option({
  key: 'required',
  schema: z.boolean(),
  says: '`true` rejects a row without a value. Key, cursor and sequence columns are required.',
  kept: z.boolean(),
  keep: (written, { isNeeded }) => isNeeded || written === true,
  check: (written, { isNeeded }) =>
    isNeeded && !written ? ['false: key, cursor and sequence columns always have a value'] : [],
  link: (kept) => (kept ? { end: (ended) => ended ?? fail('a value is required') } : {}),
});
