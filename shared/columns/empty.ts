import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { isText, option } from './option.ts';

const words = z.enum(['setNull', 'keep']);

export const empty = option({
  key: 'empty',
  schema: words,
  says: 'What an empty text is: `setNull` (default) or `keep` (char, varchar, super).',
  kept: words,
  keep: (written) => written ?? 'setNull',
  check: (written, { type }) =>
    written === 'keep' && !isText(type) && type.kind !== 'super'
      ? [`keep: got type ${printColumnType(type)}, allowed for char, varchar and super`]
      : [],
  link: (kept) =>
    kept === 'setNull' ? { each: (text) => (text === '' ? null : text), isOfSpace: true } : {},
});
