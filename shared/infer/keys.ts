import type { DistinctPool } from './distinct.ts';
import { isDistinct, toPlural } from './evidence.ts';
import type { InferredColumn, InferredTable } from './table.ts';

/** Which columns may tell a table's rows apart, and which says when a row changed last. */

const lastName = ({ path: { steps, end } }: InferredColumn): string =>
  (end.kind === 'attribute' ? end.name : steps.at(-1))?.local ?? '';

/** Names of a key, the surest first; what matches none is a key by chance. */
const NAMES: readonly RegExp[] = [
  /^(?:item_?id|uuid|guid)$/i,
  /^id$/i,
  /^(?:identifier|key|code|isbn|issn|doi|ean|gtin|sku|iban|vin)$/i,
  /(?:id|key|code|number|nr|no|uri|url|href|about|symbol)$/i,
  /name$/i,
];

/** Such change with every version of a row, or with none. */
const NO_KEY = /state_?id|etag|version|revision|hash|checksum|digest|modified/i;

/** Under so many rows values are distinct by chance. */
const FEW_ROWS = 5;
/** From so many on an attribute of the row itself is a key whatever its name. */
const MANY_ROWS = 20;
const SURE_RANK = 2;
const NAMED_RANK = 7;
const ATTRIBUTE_RANK = 8;
const mostRank = (rows: number): number =>
  rows < FEW_ROWS ? SURE_RANK : rows < MANY_ROWS ? NAMED_RANK : ATTRIBUTE_RANK;
/** What a step down costs of a name's rank: a key below another element is often that one's. */
const STEP_COST = 3;

const rankOf = (column: InferredColumn): number | undefined => {
  const name = lastName(column);
  if (NO_KEY.test(name)) return undefined;
  const { steps, end } = column.path;
  const named = NAMES.findIndex((pattern) => pattern.test(name));
  const isOwnAttribute = steps.length === 0 && end.kind === 'attribute';
  if (named < 0 && !isOwnAttribute) return undefined;
  const rank = named < 0 ? ATTRIBUTE_RANK : named;
  return rank + STEP_COST * Math.max(0, steps.length - (end.kind === 'attribute' ? 0 : 1));
};

const isKeyType = ({ type, options }: InferredColumn): boolean =>
  /^(?:varchar\(\d+\)|bigint)$/.test(type) && Object.keys(options).length === 0;

/** Columns that every row has, all distinct: those with a name of a key first. */
export const findKeys = ({ columns, place }: InferredTable): readonly InferredColumn[] => {
  const rows = place.count;
  return columns
    .filter(
      (column) =>
        isKeyType(column) && column.values?.filled === rows && (rows === 1 || isDistinct(column.values)),
    )
    .map((column) => ({ column, rank: rankOf(column) }))
    .filter(({ rank }) => rank !== undefined && (rank ?? 0) <= mostRank(rows))
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
    .map(({ column }) => column);
};

export const tellKey = (keys: readonly InferredColumn[], rows: number, { level }: DistinctPool): string => {
  const [, ...others] = keys;
  const besides =
    others.length === 0
      ? ''
      : `; also ${others
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}`;
  if (rows === 1) return `in the only row; one row shows no repetition${besides}`;
  const distinct = level === 0 ? 'all distinct' : `all distinct in a sample of one value in ${2 ** level}`;
  return `in each of ${toPlural(rows, 'row')}, ${distinct}${besides}`;
};

const CURSOR = /modif|updat|chang|lastmod|datestamp/i;

/** A time that every row has and whose name says that it is the last change's. */
export const findCursor = ({ columns, place }: InferredTable): InferredColumn | undefined =>
  columns.find(
    (column) =>
      /^timestamp/.test(column.type) &&
      column.values?.filled === place.count &&
      column.path.steps.length <= 2 &&
      CURSOR.test(lastName(column)),
  );
