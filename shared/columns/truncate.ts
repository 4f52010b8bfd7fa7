import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { cut, hasWide } from '../values/text.ts';
import { as } from './as.ts';
import { many } from './many.ts';
import { isText, option } from './option.ts';

export const truncate = option({
  key: 'truncate',
  schema: z.boolean(),
  says: '`true` cuts a char or varchar at a character boundary; not with `many: json` or `map`, nor `as: json`. Default `false`: too long is a reject.',
  kept: z.boolean(),
  keep: (written) => written ?? false,
  check: (written, column) => {
    if (!written) return [];
    const { type } = column;
    const word = column.get(many);
    return [
      ...(isText(type) ? [] : [`got type ${printColumnType(type)}, allowed for char and varchar`]),
      ...(word === 'json' || word === 'map'
        ? [`got many: ${word}, allowed without it: JSON that is cut is none`]
        : []),
      ...(column.get(as) === 'json' ? ['got as: json, allowed without it: JSON that is cut is none'] : []),
    ];
  },
  link: (kept, { type }) => {
    if (!kept || (type.kind !== 'char' && type.kind !== 'varchar')) return {};
    const { length } = type;
    // What a char cannot hold is refused, wherever in the text it stands.
    const isWhole = type.kind === 'char' ? hasWide : () => false;
    return { text: (text) => (isWhole(text) ? text : cut(text, length)) };
  },
});
