import * as z from 'zod';
import { InvalidInput } from '../errors.ts';
import { sourceText } from '../model/kit.ts';
import { fail, quoted, type Typed } from '../values/failure.ts';
import { LONGEST_TEXT_BYTES } from '../values/text.ts';
import { as } from './as.ts';
import { many } from './many.ts';
import { type KeptColumn, option } from './option.ts';

/** Characters of a default: no text of the warehouse is longer. */
const LONGEST = LONGEST_TEXT_BYTES;

/** `default` is no name for a value in this language. */
export const fallback = option({
  key: 'default',
  schema: sourceText,
  says: 'For an absent, nil or null value; typed as values are, so in a plain super it is a string. Of `many: json` it is a JSON array: `"[]"`, of `map` and `as: json` an object.',
  kept: z.string().optional(),
  keep: (written) => written,
  link: (text, column) => {
    if (text === undefined) return {};
    const value = convert(text, column);
    return { end: (ended) => ended ?? value };
  },
});

const convert = (text: string, column: KeptColumn): string => {
  if (text.length > LONGEST) {
    throw new InvalidInput(
      `default of column ${column.name}: got ${text.length} characters, allowed ${LONGEST}`,
    );
  }
  const json = toJsonKind(column);
  const typed = json === undefined ? column.convert(text) : convertJson(column, text, json);
  if (typeof typed === 'string') return typed;
  throw new InvalidInput(`default of column ${column.name}: ${typed.reason}`);
};

/** Spaces of JSON, and its strings, which keep theirs. */
const SPACE_OR_STRING = /("(?:[^"\\]|\\.)*")|\s+/g;

interface JsonKind {
  readonly kind: 'array' | 'object';
  /** The option that asks for it. */
  readonly by: string;
}

/** What a column's JSON is; undefined where it is a text, or the type's. */
const toJsonKind = (column: KeptColumn): JsonKind | undefined => {
  const word = column.get(many);
  if (word === 'json') return { kind: 'array', by: 'many: json' };
  if (word === 'map') return { kind: 'object', by: 'many: map' };
  return column.get(as) === 'json' ? { kind: 'object', by: 'as: json' } : undefined;
};

/** Types a JSON array or object, made compact; numbers keep their digits, which JSON.stringify would round. */
const convertJson = (column: KeptColumn, text: string, { kind, by }: JsonKind): Typed =>
  kindOf(text) === kind
    ? column.convert(text.replace(SPACE_OR_STRING, (_, string: string | undefined) => string ?? ''))
    : fail(`${quoted(text)} is no JSON ${kind}, which ${by} always gives`);

const kindOf = (text: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value)
      ? 'array'
      : typeof value === 'object' && value !== null
        ? 'object'
        : undefined;
  } catch {
    return undefined;
  }
};
