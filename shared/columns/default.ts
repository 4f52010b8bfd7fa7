import { z } from 'zod';
import { InvalidInput } from '../errors.ts';
import { sourceText } from '../model/kit.ts';
import { fail, quoted, type Typed } from '../values/failure.ts';
import { LONGEST_TEXT_BYTES } from '../values/text.ts';
import { many } from './many.ts';
import { type KeptColumn, option } from './option.ts';

/** Characters of a default: no text of the warehouse is longer. */
const LONGEST = LONGEST_TEXT_BYTES;

/** `default` is no name for a value in this language. */
export const fallback = option({
  key: 'default',
  schema: sourceText,
  says: 'For an absent, nil or null value; typed as values are, so in a plain super it is a string. Of `many: json` it is a JSON array: `"[]"`, of `map` an object.',
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
  const typed = JSON_OF.has(column.get(many)) ? convertJson(column, text) : column.convert(text);
  if (typeof typed === 'string') return typed;
  throw new InvalidInput(`default of column ${column.name}: ${typed.reason}`);
};

/** Spaces of JSON, and its strings, which keep theirs. */
const SPACE_OR_STRING = /("(?:[^"\\]|\\.)*")|\s+/g;

const JSON_OF: ReadonlyMap<string, string> = new Map([
  ['json', 'array'],
  ['map', 'object'],
]);

/** Types a JSON array or object, made compact; numbers keep their digits, which JSON.stringify would round. */
const convertJson = (column: KeptColumn, text: string): Typed => {
  const word = column.get(many);
  const allowed = JSON_OF.get(word);
  return kindOf(text) === allowed
    ? column.convert(text.replace(SPACE_OR_STRING, (_, string: string | undefined) => string ?? ''))
    : fail(`${quoted(text)} is no JSON ${allowed}, which many: ${word} always gives`);
};

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
