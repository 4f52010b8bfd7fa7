import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { sourceText } from '../model/kit.ts';
import { empty } from './empty.ts';
import { many } from './many.ts';
import { option } from './option.ts';

export const split = option({
  key: 'split',
  schema: sourceText.refine((text) => text !== '', { error: 'text that is not empty' }),
  says:
    'Cuts each match into parts at a text, as in `"|"`: `many: json` or `join` goes on with the parts. Each part is trimmed, unless `trim: false`; with `empty: setNull` ' +
    'empty parts are left out, and a value without any part is null. `many` defaults to `json` beside it.',
  kept: z.string().optional(),
  keep: (written) => written,
  check: (_, column) => {
    const word = column.get(many);
    const { type } = column;
    if (word === undefined && type.kind !== 'super' && type.kind !== 'varchar')
      return [`got type ${printColumnType(type)}, allowed for super and varchar`];
    return word === undefined || word === 'json' || word === 'join'
      ? []
      : [`got many: ${word}, allowed json and join`];
  },
  link: (kept, column) =>
    kept === undefined
      ? {}
      : { parts: { of: (text) => text.split(kept), isDense: column.get(empty) === 'setNull' } },
});
