import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { many } from './many.ts';
import { isText, option, type WrittenColumn } from './option.ts';

const words = z.enum(['text', 'xml', 'json']);

/** What would take an object for a text. */
const OF_TEXTS = ['split', 'replace'] as const;

const checkJson = (column: WrittenColumn): readonly string[] => [
  ...(column.type.kind === 'super' || column.type.kind === 'varchar'
    ? []
    : [`json: got type ${printColumnType(column.type)}, allowed for super and varchar`]),
  ...(column.get(many) === 'join' ? ['json: got many: join, allowed reject first last json'] : []),
  ...OF_TEXTS.filter((key) => column.get({ key, schema: z.unknown() }) !== undefined).map(
    (key) => `json: got ${key}, allowed without it: an object is no text`,
  ),
];

export const as = option({
  key: 'as',
  schema: words,
  says:
    'What is read of an element with child elements, which else is a reject in all types but super: `text`, its whole text, `xml`, its markup (char, varchar, super), ' +
    'with the namespaces that its names need, or `json`, an object of all that is in it (super, varchar; below).',
  kept: words.optional(),
  keep: (written) => written,
  check: (written, column) => [
    ...(written === 'xml' && !isText(column.type) && column.type.kind !== 'super'
      ? [`xml: got type ${printColumnType(column.type)}, allowed for char, varchar and super`]
      : []),
    ...(column.get(many) === 'map' ? ['got many: map, allowed without it'] : []),
    ...(written === 'json' ? checkJson(column) : []),
  ],
});
