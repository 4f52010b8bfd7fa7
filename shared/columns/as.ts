import { z } from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { many } from './many.ts';
import { isText, option } from './option.ts';

const words = z.enum(['text', 'xml']);

export const as = option({
  key: 'as',
  schema: words,
  says:
    'What is read of an element with child elements, which else is a reject: `text`, its whole text, or `xml`, its markup (char, varchar, super), ' +
    'with the namespaces that its names need.',
  kept: words.optional(),
  keep: (written) => written,
  check: (written, column) => [
    ...(written === 'xml' && !isText(column.type) && column.type.kind !== 'super'
      ? [`xml: got type ${printColumnType(column.type)}, allowed for char, varchar and super`]
      : []),
    ...(column.get(many) === 'map' ? ['got many: map, allowed without it'] : []),
  ],
});
