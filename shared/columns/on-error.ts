import * as z from 'zod';
import { isFailure } from '../values/found.ts';
import { option } from './option.ts';
import { required } from './required.ts';

const words = z.enum(['reject', 'setNull']);

export const onError = option({
  key: 'onError',
  schema: words,
  says: 'What a value gives that is not of the type: `reject` the row (default) or `setNull`, for columns that are not required.',
  kept: words,
  keep: (written) => written ?? 'reject',
  check: (written, column) =>
    written === 'setNull' && (column.isNeeded || column.get(required) === true)
      ? ['setNull: allowed for columns that are not required']
      : [],
  link: (kept) => (kept === 'setNull' ? { end: (ended) => (isFailure(ended) ? null : ended) } : {}),
});
