import * as z from 'zod';
import { type ColumnType, printColumnType } from '../model/column-type.ts';
import { fail } from '../values/failure.ts';
import { type Found, isFailure, isJson, isPair } from '../values/found.ts';
import { findExcessLength } from '../values/text.ts';
import { type Combine, isText, type KeptColumn, option } from './option.ts';

/** Each word, and what it makes of several matches. */
interface Form {
  /** Types that hold what it gives; undefined where every type does. */
  readonly types?: { readonly shown: string; has(type: ColumnType): boolean };
  combine(column: KeptColumn): Combine;
}

/** The key of `separator`, which says itself that it belongs to `join`. */
const SEPARATOR = { key: 'separator', kept: z.string() } as const;

/** The key of `split`, which makes a list of one match. */
const SPLIT = { key: 'split', schema: z.string() } as const;

/** Takes one match alone, so that what is wrong with another is nothing to it. */
const takeAt = (index: number): Form => ({
  combine: () => ({ isOfOne: false, isJson: false, of: (found, each) => each(found.at(index) ?? null) }),
});

/** All matches, unless one of them is a failure. */
const takeAll = (isJson: boolean, of: (values: readonly Found[]) => Found): Combine => ({
  isOfOne: isJson,
  isJson,
  of: (found, each) => found.find(isFailure) ?? of(found.map(each)),
});

/** An array; a string that super does not take would fail the whole batch at COPY. */
const toArray = (values: readonly Found[], isSuper: boolean): Found => {
  for (const value of values) {
    const excess = isSuper && typeof value === 'string' ? findExcessLength(value) : undefined;
    if (excess !== undefined) return excess;
  }
  return values.some(isJson)
    ? `[${values.map((value) => (isJson(value) ? value.json : JSON.stringify(value))).join(',')}]`
    : JSON.stringify(values);
};

const joinTexts = (values: readonly Found[], separator: string): Found => {
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length === 0 ? null : texts.join(separator);
};

const oneOf = (found: readonly Found[], what: string): Found =>
  found.length > 1
    ? fail(`an element of the map has ${found.length} ${what}, allowed one`)
    : (found[0] ?? null);

/** An object of the matches' keys and values, the last of equal keys. */
const toObject = (found: readonly Found[], each: (found: Found) => Found, isSuper: boolean): Found => {
  const entries = new Map<string, string | null>();
  for (const pair of found) {
    if (!isPair(pair)) continue;
    const key = each(oneOf(pair.keys, 'keys'));
    const value = each(oneOf(pair.values, 'values'));
    const failure = [key, value].find(isFailure);
    if (failure !== undefined) return failure;
    if (typeof key !== 'string') return fail('an element of the map has no key');
    const text = typeof value === 'string' ? value : null;
    const excess = isSuper ? (findExcessLength(key) ?? findExcessLength(text ?? '')) : undefined;
    if (excess !== undefined) return excess;
    entries.set(key, text);
  }
  return `{${[...entries].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
};

const JSON_TYPES: Form['types'] = {
  shown: 'super and varchar',
  has: ({ kind }) => kind === 'super' || kind === 'varchar',
};

const FORMS = {
  reject: {
    combine: () => ({
      isOfOne: false,
      isJson: false,
      of: (found) => found.find(isFailure) ?? fail(`${found.length} elements match, allowed one`),
    }),
  },
  first: takeAt(0),
  last: takeAt(-1),
  join: {
    types: { shown: 'char and varchar', has: isText },
    combine: (column) => {
      const separator = column.get(SEPARATOR);
      return takeAll(false, (values) => joinTexts(values, separator));
    },
  },
  json: {
    types: JSON_TYPES,
    combine: ({ type }) => takeAll(true, (values) => toArray(values, type.kind === 'super')),
  },
  map: {
    types: JSON_TYPES,
    combine: ({ type }) => ({
      isOfOne: true,
      isJson: true,
      of: (found, each) => toObject(found, each, type.kind === 'super'),
    }),
  },
} satisfies Readonly<Record<string, Form>>;

const words = z.enum(['reject', 'first', 'last', 'join', 'json', 'map']);

const formOf = (word: z.infer<typeof words>): Form => FORMS[word];

export const many = option({
  key: 'many',
  schema: words,
  says:
    'What several matches give: `reject` the row (default), `first`, `last`, `join` (char, varchar), `json`, always an array, or `map`, an object by `keyPath` and `valuePath` (both super, varchar). ' +
    'Each match is trimmed, unless `trim: false`; `join` leaves nulls out, and is null when nothing is left. What is wrong with a match that `first` or `last` leaves out rejects nothing.',
  kept: words,
  keep: (written, column) => written ?? (column.get(SPLIT) === undefined ? 'reject' : 'json'),
  check: (written, { type }) => {
    const { types } = formOf(written);
    return types === undefined || types.has(type)
      ? []
      : [`${written}: got type ${printColumnType(type)}, allowed for ${types.shown}`];
  },
  link: (kept, column) => ({ combine: formOf(kept).combine(column) }),
});
