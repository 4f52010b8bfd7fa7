import { trimSpace } from '../values/space.ts';
import { copyOf } from '../xml/copy.ts';
import { addDistinct, type Distinct, type DistinctPool, giveUp, newDistinct } from './distinct.ts';
import { ALL_KINDS, digitsOf, isOfKind, type Kind, type Near, narrow, toNear } from './kinds.ts';

/** What is known of the values of one path: counts and sizes, and of what may lead to the next page its value. */
export interface Values {
  /** Values that are neither empty nor nil. */
  filled: number;
  mostBytes: number;
  kinds: readonly Kind[];
  /** Kinds that all values are of but a few. */
  near: readonly Near[];
  /** Most digits before and after the point, while all are numbers. */
  whole: number;
  fraction: number;
  readonly distinct: Distinct;
  /** Values met twice among the children of one element; only asked of what may be the key of a map. */
  isRepeatedInParent: boolean;
  readonly inParent: Set<string>;
  parent: number;
  /** The value, where it is the only one and its name is that of a link or a token of the next page. */
  sole: string | undefined;
}

export const newValues = (pool: DistinctPool): Values => ({
  filled: 0,
  mostBytes: 0,
  kinds: ALL_KINDS,
  near: [],
  whole: 0,
  fraction: 0,
  distinct: newDistinct(pool),
  isRepeatedInParent: false,
  inParent: new Set(),
  parent: 0,
  sole: undefined,
});

/** Numbers and times of day that tell rows apart do so by chance. */
const NO_KEYS: ReadonlySet<Kind> = new Set(['timestamp', 'timestamptz', 'date', 'rfc822', 'boolean']);

/** Adds a value; `line` is where the document has it, `bytes` where only its start is given. */
export const addValue = (
  pool: DistinctPool,
  values: Values,
  text: string,
  line: () => number,
  bytes?: number,
): void => {
  const value = trimSpace(text);
  if (value === '') return;
  values.filled += 1;
  values.mostBytes = Math.max(values.mostBytes, bytes ?? Buffer.byteLength(value));
  const before = values.kinds;
  const isWhole = bytes === undefined;
  values.kinds = isWhole ? narrow(before, value) : [];
  const lost = before === values.kinds ? [] : before.filter((kind) => !values.kinds.includes(kind));
  values.near = toNear(values.near, lost, (kind) => isWhole && isOfKind(kind, value), line);
  if (values.kinds.includes('decimal')) {
    const { whole, fraction } = digitsOf(value);
    values.whole = Math.max(values.whole, whole);
    values.fraction = Math.max(values.fraction, fraction);
  }
  const isKey = !values.kinds.some((kind) => NO_KEYS.has(kind)) && bytes === undefined;
  if (isKey) addDistinct(pool, values.distinct, value);
  else giveUp(pool, values.distinct);
};

/** Notes a key that a child of an element has, to see whether another child has it too. */
export const addInParent = (values: Values, text: string, parent: number, most: number): void => {
  if (values.isRepeatedInParent) return;
  if (values.parent !== parent) {
    values.inParent.clear();
    values.parent = parent;
  }
  const value = trimSpace(text);
  if (values.inParent.has(value) || values.inParent.size >= most) {
    values.isRepeatedInParent = true;
    values.inParent.clear();
  } else values.inParent.add(value);
};

/** Longest link or token that is looked at. */
const LONGEST_LINK = 8192;

/** Notes the value that was added last, of what may lead to the next page. */
export const noteSole = (values: Values, text: string): void => {
  const value = trimSpace(text);
  if (value !== '')
    values.sole = values.filled === 1 && value.length <= LONGEST_LINK ? copyOf(value) : undefined;
};
