import * as z from 'zod';
import { InvalidInput } from '../errors.ts';

/** Column types as feed files write them, and as the contract keeps them. */

/** The types that take no length, precision or scale. */
export const PLAIN_TYPES = [
  'smallint',
  'integer',
  'bigint',
  'real',
  'double precision',
  'boolean',
  'date',
  'timestamp',
  'timestamptz',
  'super',
] as const;

export const columnType = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(PLAIN_TYPES),
  }),
  z.strictObject({ kind: z.literal('decimal'), precision: z.int(), scale: z.int() }),
  /** Lengths are UTF-8 bytes; varchar(max) is 65535. */
  z.strictObject({ kind: z.enum(['char', 'varchar']), length: z.int() }),
]);
export type ColumnType = z.infer<typeof columnType>;

/** What a type may be, for messages. */
export const COLUMN_TYPES =
  'smallint integer bigint real "double precision" decimal(p,s) boolean char(n) varchar(n) varchar(max) date timestamp timestamptz super';

/** Bytes of varchar(max), and of the longest char (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html). */
const LONGEST = { varchar: 65_535, char: 4096 } as const;
/** Digits of the widest decimal, and those of them after the point. */
export const MOST_DIGITS = 38;
export const MOST_DECIMALS = 37;

const parseLength = (kind: 'char' | 'varchar', text: string): ColumnType => {
  const length = text === 'max' && kind === 'varchar' ? LONGEST.varchar : Number(text);
  if (length >= 1 && length <= LONGEST[kind]) return { kind, length };
  throw new InvalidInput(`type ${kind}(${text}): allowed lengths are 1 to ${LONGEST[kind]} bytes`);
};

const parseDecimal = (precision: number, scale: number): ColumnType => {
  const isAllowed = precision >= 1 && precision <= MOST_DIGITS && scale <= Math.min(precision, MOST_DECIMALS);
  if (isAllowed) return { kind: 'decimal', precision, scale };
  throw new InvalidInput(
    `type decimal(${precision},${scale}): allowed precisions are 1 to ${MOST_DIGITS}, scales 0 to the precision and at most ${MOST_DECIMALS}`,
  );
};

/** Reads a type such as `varchar(64)`. Throws InvalidInput. */
export const parseColumnType = (text: string): ColumnType => {
  const plain = PLAIN_TYPES.find((kind) => kind === text.trim().replace(/\s+/g, ' '));
  if (plain !== undefined) return { kind: plain };
  const [, kind, length] = /^\s*(char|varchar)\s*\(\s*(\d{1,9}|max)\s*\)\s*$/.exec(text) ?? [];
  if ((kind === 'char' || kind === 'varchar') && length !== undefined) return parseLength(kind, length);
  const [, precision, scale] = /^\s*decimal\s*\(\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\)\s*$/.exec(text) ?? [];
  if (precision !== undefined && scale !== undefined) return parseDecimal(Number(precision), Number(scale));
  throw new InvalidInput(`got type '${text}', allowed ${COLUMN_TYPES}`);
};

/** The type as SQL and feed files write it; varchar(max) as its length. */
export const printColumnType = (type: ColumnType): string => {
  if (type.kind === 'decimal') return `decimal(${type.precision},${type.scale})`;
  if (type.kind === 'char' || type.kind === 'varchar') return `${type.kind}(${type.length})`;
  return type.kind;
};
