import type { NextHint } from './known-shapes.ts';
import { isTokenName } from './paging-names.ts';
import { type AttributePlace, type ElementPlace, isRepeated, type Shape } from './shape.ts';
import { stepsBetween } from './table.ts';
import type { Values } from './values.ts';

/** How a source goes on that no standard tells of: by what stands once in the document, around the records, with such a name. */
export interface FoundNext {
  readonly hint: NextHint;
  /** What the hint is read from. */
  readonly values: Values;
}

interface Candidate {
  readonly place: ElementPlace;
  readonly attribute: AttributePlace | undefined;
  readonly values: Values;
  readonly value: string;
  /** The name is that of a token, whatever the value looks like. */
  readonly isToken: boolean;
}

/** `page` is the URL of the sample; undefined where it was a file. A link wins over a token, and what stands further out over the rest. */
export const findNext = (
  { root }: Shape,
  records: readonly ElementPlace[],
  page: string | undefined,
): FoundNext | undefined => {
  if (root === undefined) return undefined;
  const all = listAround(root, new Set(records)).flatMap(candidatesOf);
  const hints = all.map((candidate) => ({ ...candidate, kind: kindOf(candidate, page) }));
  for (const kind of ['URL', 'path', 'elsewhere', 'token'] as const) {
    const found = hints.find((hint) => hint.kind === kind);
    if (found !== undefined) return { hint: toHint(found, kind), values: found.values };
  }
  return undefined;
};

/** Elements that stand once in the document, outermost first, without the records and what is in them. */
const listAround = (root: ElementPlace, records: ReadonlySet<ElementPlace>): readonly ElementPlace[] => {
  // A wrapper of the paging's values alone may look like a record beside those that repeat.
  const isRecord = (place: ElementPlace): boolean =>
    isRepeated(place) || (records.has(place) && ![...records].some(isRepeated));
  const found = [root].filter((place) => place.count === 1 && !isRecord(place));
  for (const place of found)
    found.push(...[...place.children.values()].filter((child) => child.count === 1 && !isRecord(child)));
  return found;
};

/** Only what has the name of a link or a token has a sole value. */
const candidatesOf = (place: ElementPlace): readonly Candidate[] =>
  [...place.attributes.values(), undefined].flatMap((attribute) => {
    const values = attribute?.values ?? place.text;
    const { sole: value } = values;
    if (value === undefined || isWord(values)) return [];
    return [{ place, attribute, values, value, isToken: isTokenName((attribute ?? place).local) }];
  });

/** A yes or no, or a time, leads nowhere. */
const isWord = ({ kinds }: Values): boolean =>
  kinds.some((kind) => kind !== 'integer' && kind !== 'decimal' && kind !== 'double');

type NextKind = 'URL' | 'path' | 'elsewhere' | 'token';

const kindOf = ({ value, isToken }: Candidate, page: string | undefined): NextKind => {
  if (/\s/.test(value)) return 'token';
  const isUrl = /^https?:\/\/[^/?#]/i.test(value) && URL.canParse(value);
  if (!isUrl && (isToken || !isReference(value, page))) return 'token';
  if (page === undefined) return isUrl ? 'URL' : 'path';
  const { origin, username, password } = new URL(value, page);
  if (origin !== new URL(page).origin || username !== '' || password !== '') return 'elsewhere';
  return isUrl ? 'URL' : 'path';
};

/** `/a/b?page=2`, `?page=2`, and of a page `…/items` also `items?page=2`. */
const isReference = (value: string, page: string | undefined): boolean => {
  if (page !== undefined && !URL.canParse(value, page)) return false;
  if (/^[/?]/.test(value)) return true;
  const last = page === undefined ? '' : (new URL(page).pathname.split('/').at(-1) ?? '');
  const rest = value.startsWith('./') ? value.slice(2) : value;
  return last !== '' && rest.startsWith(last) && /^(?:[?/;]|$)/.test(rest.slice(last.length));
};

const toHint = ({ place, attribute }: Candidate, kind: NextKind): NextHint => {
  const at = { steps: stepsBetween(undefined, place), attribute };
  if (kind === 'token' || kind === 'elsewhere') return { kind: 'unsure', isToken: kind === 'token', ...at };
  return {
    kind: 'link',
    ...at,
    says: `once in the document, around the records: a ${kind} of the same server`,
  };
};
