import { SqlRefused } from './refusal.ts';
import { parseTokens, type Token } from './tokens.ts';

/** What a cast without a size means on Redshift (r_Character_types, r_Numeric_types201); on Postgres it means no size at all. */
const DEFAULT_SIZES: Readonly<Record<string, readonly number[]>> = {
  varchar: [256],
  text: [256],
  numeric: [18, 0],
  decimal: [18, 0],
};

/** The size that Redshift gives a cast to this type; undefined where the type has none. */
export const defaultSizeOf = (type: string): readonly number[] | undefined =>
  Object.hasOwn(DEFAULT_SIZES, type) ? DEFAULT_SIZES[type] : undefined;

/** Says of each type that a query casts to without its size which one it has; nothing of what cannot be read. */
export const tellDefaultSizes = (sql: string): readonly string[] => {
  const tokens = readIfSql(sql);
  const types = tokens.flatMap((token, at) => {
    const size = token.kind === 'word' ? defaultSizeOf(token.value) : undefined;
    const isCast = isCastType(tokens[at - 1], tokens[at + 1]);
    return size === undefined || !isCast ? [] : [`${token.value} without a size is ${shown(token, size)}`];
  });
  return [...new Set(types)].map((told) => `${told}, as on Redshift`);
};

const shown = ({ value }: Token, size: readonly number[]): string =>
  `${value === 'text' ? 'varchar' : value}(${size.join(',')})`;

/** `x::varchar` and `CAST(x AS varchar)`; `AS text` alone may be a column's alias. */
const isCastType = (before: Token | undefined, after: Token | undefined): boolean =>
  after?.text !== '(' && (before?.text === '::' || (before?.value === 'as' && after?.text === ')'));

const readIfSql = (sql: string): readonly Token[] => {
  try {
    return parseTokens(sql);
  } catch (error) {
    if (error instanceof SqlRefused) return [];
    throw error;
  }
};
