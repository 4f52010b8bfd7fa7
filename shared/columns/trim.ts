import * as z from 'zod';
import { trimSpace } from '../values/space.ts';
import { option } from './option.ts';

export const trim = option({
  key: 'trim',
  schema: z.boolean(),
  says: 'Default `true`. Takes the white space of XML alone: space, tab, carriage return, line feed. A no-break space is text.',
  kept: z.boolean(),
  keep: (written) => written ?? true,
  link: (kept) => (kept ? { each: trimSpace, isOfSpace: true } : {}),
});
