import type { z } from 'zod';
import { as } from './as.ts';
import { decimal } from './decimal.ts';
import { fallback } from './default.ts';
import { empty } from './empty.ts';
import { format } from './format.ts';
import { group } from './group.ts';
import { HEADS } from './heads.ts';
import { keyPath } from './key-path.ts';
import { many } from './many.ts';
import { onError } from './on-error.ts';
import type { Option } from './option.ts';
import { replace } from './replace.ts';
import { required } from './required.ts';
import { round } from './round.ts';
import { separator } from './separator.ts';
import { split } from './split.ts';
import { trim } from './trim.ts';
import { truncate } from './truncate.ts';
import { valuePath } from './value-path.ts';
import { zone } from './zone.ts';

/** The options of a column, in the order of a value's way. A new option is its file and its place in this list. */
const ALL = [
  as,
  many,
  separator,
  keyPath,
  valuePath,
  split,
  trim,
  empty,
  replace,
  truncate,
  group,
  decimal,
  round,
  format,
  zone,
  onError,
  fallback,
  required,
] as const;

export const OPTIONS: readonly Option[] = ALL;

type Head = (typeof HEADS)[number];
type One = (typeof ALL)[number];

/** The keys of a column as it is written, for the schema of feed files. */
type WrittenShape = { readonly [O in Head | One as O['key']]: z.ZodOptional<O['schema']> };
/** What the contract keeps of the options. */
type KeptShape = { readonly [O in One as O['key']]: O['kept'] };

export const WRITTEN = Object.fromEntries(
  [...HEADS, ...ALL].map(({ key, schema, says }) => [key, schema.optional().describe(says)]),
) as unknown as WrittenShape;

export const KEPT = Object.fromEntries(ALL.map(({ key, kept }) => [key, kept])) as unknown as KeptShape;

/** Every key of a column with what it does, in the order of the documentation. */
export const COLUMN_KEYS: readonly { readonly key: string; readonly says: string }[] = [...HEADS, ...ALL];
