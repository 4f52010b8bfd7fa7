import { notKnownHere } from '../sql/refusal.ts';
import type { FieldError } from './load-error.ts';

/** A column of a COPY's target. */
export interface TargetColumn {
  readonly name: string;
  /** Postgres' short name: int4, varchar, timestamptz, super … */
  readonly type: string;
  /** Bytes of character types. */
  readonly length: number | undefined;
  readonly precision: number | undefined;
  readonly scale: number | undefined;
  readonly isNotNull: boolean;
}

/** Says what is wrong with a value that is neither NULL nor empty; undefined when Redshift takes it. */
export type FieldCheck = (text: string) => FieldError | undefined;

/** Empty fields are '' in these and NULL in the others (copy-parameters-data-conversion, EMPTYASNULL). */
export const isCharacter = (column: TargetColumn): boolean =>
  column.type === 'varchar' || column.type === 'bpchar';

const INTEGER_DIGITS: Readonly<Record<string, { readonly name: string; readonly max: bigint }>> = {
  int2: { name: 'Short', max: 2n ** 15n },
  int4: { name: 'Integer', max: 2n ** 31n },
  int8: { name: 'Long', max: 2n ** 63n },
};

const checkInteger =
  (kind: { readonly name: string; readonly max: bigint }): FieldCheck =>
  (text) => {
    if (!/^[+-]?\d+$/.test(text)) {
      const at = /^[+-]?\d*/.exec(text)?.[0].length ?? 0;
      return {
        code: 1207,
        message: `Invalid digit, Value '${text[at] ?? ''}', Pos ${at}, Type: ${kind.name}`,
      };
    }
    if (text.length < 5) return undefined;
    const value = BigInt(text);
    if (value < -kind.max || value >= kind.max) {
      return { code: 1222, message: `Integer value overflow, Type: ${kind.name}` };
    }
    return undefined;
  };

const checkDecimal =
  (precision: number, scale: number): FieldCheck =>
  (text) => {
    const match = /^[+-]?0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
    if (match === null || !/\d/.test(text)) {
      return { code: 1207, message: `Invalid digit, Value '${text}', Type: Decimal` };
    }
    if ((match[1]?.length ?? 0) > precision - scale) {
      return { code: 1209, message: `Numeric data overflow, DECIMAL(${precision},${scale})` };
    }
    if ((match[2]?.length ?? 0) > scale) {
      throw notKnownHere(
        `the value ${text} for DECIMAL(${precision},${scale}): Redshift truncates it without ROUNDEC`,
      );
    }
    return undefined;
  };

const checkFloat: FieldCheck = (text) =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)
    ? undefined
    : { code: 1208, message: `Invalid float value '${text}'` };

const checkBoolean: FieldCheck = (text) =>
  /^(?:1|0|t|f|y|n|true|false|yes|no)$/i.test(text)
    ? undefined
    : { code: 1210, message: 'Unknown boolean format' };

const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

const checkDate: FieldCheck = (text) =>
  /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text)
    ? undefined
    : { code: 1205, message: 'Invalid Date Format - length must be 10 or more' };

const TIME = /^(\d{4}-\d\d-\d\d)[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** The ISO 8601 forms of what TIMEFORMAT 'auto' takes (automatic-recognition). */
const checkTimestamp =
  (hasZone: boolean): FieldCheck =>
  (text) => {
    const match = TIME.exec(text);
    if (match?.[1] !== undefined && isDay(match[1]) && (hasZone || match[2] === undefined)) {
      return undefined;
    }
    return { code: 1206, message: 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]' };
  };

/** Bytes of a SUPER value and of a string in it, and levels (limitations-super; without r_enable_large_strings_opt_in). */
const SUPER = { bytes: 16_000_000, string: 65_535, levels: 1000 };

const checkSuper: FieldCheck = (text) => {
  const told = (message: string) => ({ code: 1224, message });
  if (Buffer.byteLength(text) > SUPER.bytes)
    return told(`SUPER value exceeds the max size of ${SUPER.bytes} bytes`);
  try {
    const why = findExcess(JSON.parse(text), 1);
    return why === undefined ? undefined : told(why);
  } catch {
    return told('Invalid JSON for a column of type SUPER');
  }
};

const findExcess = (value: unknown, level: number): string | undefined => {
  if (typeof value === 'string')
    return Buffer.byteLength(value) > SUPER.string
      ? `String value exceeds the max size of ${SUPER.string} bytes`
      : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (level > SUPER.levels) return `SUPER value exceeds the max depth of ${SUPER.levels} levels`;
  for (const [key, inner] of Object.entries(value)) {
    const why = findExcess(key, level) ?? findExcess(inner, level + 1);
    if (why !== undefined) return why;
  }
  return undefined;
};

/** The check of a column's values. Character types are measured in bytes instead, by the reader of records. */
export const toFieldCheck = (column: TargetColumn): FieldCheck => {
  const integer = INTEGER_DIGITS[column.type];
  if (integer !== undefined) return checkInteger(integer);
  switch (column.type) {
    case 'numeric':
      return checkDecimal(column.precision ?? 18, column.scale ?? 0);
    case 'float4':
    case 'float8':
      return checkFloat;
    case 'bool':
      return checkBoolean;
    case 'date':
      return checkDate;
    case 'timestamp':
      return checkTimestamp(false);
    case 'timestamptz':
      return checkTimestamp(true);
    case 'super':
      return checkSuper;
    default:
      throw notKnownHere(`COPY into a column of type ${column.type}`);
  }
};
