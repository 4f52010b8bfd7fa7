import * as z from 'zod';
import { InvalidInput } from '../errors.ts';
import { printColumnType } from '../model/column-type.ts';
import { text } from '../model/kit.ts';
import { compileTimeFormat, type TimeFormat } from '../values/time-format.ts';
import { toTimeReader } from '../values/times.ts';
import { isTime, option, type WrittenColumn } from './option.ts';
import { zone } from './zone.ts';

const AUTO = 'auto';

const compile = (format: string): TimeFormat | string => {
  try {
    return compileTimeFormat(format);
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
};

const check = (format: string, { type, get }: WrittenColumn): readonly string[] => {
  const wrongType = isTime(type)
    ? []
    : [`got type ${printColumnType(type)}, allowed for date, timestamp and timestamptz`];
  if (format === AUTO) return wrongType;
  const compiled = compile(format);
  if (typeof compiled === 'string') return [...wrongType, compiled];
  // Every row would be rejected for it.
  if (type.kind !== 'timestamptz' || compiled.hasOffset || get(zone) !== undefined) return wrongType;
  return [
    `got '${format}' without an offset from UTC, allowed one with Z, X or x, or a closing 'Z' in quotes; or zone beside it, or type timestamp`,
  ];
};

export const format = option({
  key: 'format',
  schema: text,
  says:
    'How a date, timestamp or timestamptz is written at the source. Default `auto`: ISO 8601, with or without colon in the offset. ' +
    'A timestamptz needs an offset, in its format too, or a `zone`.',
  kept: z.string().optional(),
  // `auto` is the reading without a format; both are one contract.
  keep: (written) => (written === AUTO ? undefined : written),
  check,
  link: (kept) => ({ time: (read) => (kept === undefined ? read : toTimeReader(kept)) }),
});
