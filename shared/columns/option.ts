import type { z } from 'zod';
import type { ColumnType } from '../model/column-type.ts';
import type { Typed } from '../values/failure.ts';
import type { Found } from '../values/found.ts';
import type { TimeReader } from '../values/times.ts';

/**
 * What an option of a column is: a key that a user writes, what the contract keeps of it, and its link of a value's way. The way:
 * path → each match (trim, empty, …) → combine (many) → text → time → type → end (onError, default, required).
 */

/** A key of another option, as `get` takes it. */
interface Written<S extends z.ZodType> {
  readonly key: string;
  readonly schema: S;
}
interface Kept<S extends z.ZodType> {
  readonly key: string;
  readonly kept: S;
}

/** A column as it is written, to check an option against its type and the other options. */
export interface WrittenColumn {
  readonly type: ColumnType;
  /** Key, cursor and sequence columns must have a value. */
  readonly isNeeded: boolean;
  /** The value of another option; undefined where it is not written. */
  get<S extends z.ZodType>(option: Written<S>): z.infer<S> | undefined;
}

/** A column as the contract has it, to make the links of its values' way. */
export interface KeptColumn {
  readonly name: string;
  readonly type: ColumnType;
  get<S extends z.ZodType>(option: Kept<S>): z.infer<S>;
  /** Types a text as a value of the column is typed, once it is one. */
  convert(text: string): Typed;
}

/** What a column makes of a value so far: canonical text, null, or why there is none. */
export type Ended = Typed | null;

/** Makes one value of all matches of a path, `each` of them already on its way. */
export interface Combine {
  /** Whether one match is combined too, as where a list is made. */
  readonly isOfOne: boolean;
  /** What it makes is JSON already. */
  readonly isJson: boolean;
  of(found: readonly Found[], each: (found: Found) => Found): Found;
}

export interface Parts {
  of(text: string): readonly string[];
  /** Parts that are null on their way are left out, and a value without any is null. */
  readonly isDense: boolean;
}

export interface Link {
  /** Makes several texts of a match's, where there is more than one value in it. */
  readonly parts?: Parts;
  /** What becomes of each match's text. */
  each?(text: string): string | null;
  /** `each` leaves a text alone that begins and ends with what is no white space. */
  readonly isOfSpace?: boolean;
  readonly combine?: Combine;
  /** What becomes of the value's text before it is read as its type. */
  text?(text: string): Typed;
  /** How times are read, given the way so far. */
  time?(read: TimeReader): TimeReader;
  /** What becomes of the typed value, of null and of a failure. */
  end?(value: Ended): Ended;
}

interface OptionDefinition<Key extends string, W extends z.ZodType, K extends z.ZodType> {
  readonly key: Key;
  /** As it is written. */
  readonly schema: W;
  /** What it does, for editors and the documentation. */
  readonly says: string;
  /** As the contract keeps it; an option that is absent from it unless written keeps the contracts of other columns as they are. */
  readonly kept: K;
  keep(written: z.infer<W> | undefined, column: WrittenColumn): z.infer<K>;
  /** What is wrong with it beside the type and the other options, each as "got …, allowed …". */
  check?(written: z.infer<W>, column: WrittenColumn): readonly string[];
  /** Throws InvalidInput where the value can be no option of such a column. */
  link?(kept: z.infer<K>, column: KeptColumn): Link;
}

export interface Option<
  Key extends string = string,
  W extends z.ZodType = z.ZodType,
  K extends z.ZodType = z.ZodType,
> {
  readonly key: Key;
  readonly schema: W;
  readonly says: string;
  readonly kept: K;
  keep(written: unknown, column: WrittenColumn): unknown;
  check(written: unknown, column: WrittenColumn): readonly string[];
  link(kept: unknown, column: KeptColumn): Link;
}

const NOTHING: Link = {};

/** An option as the registry holds it: it takes any value and reads it by its own schema. */
export const option = <const Key extends string, W extends z.ZodType, K extends z.ZodType>(
  definition: OptionDefinition<Key, W, K>,
): Option<Key, W, K> => ({
  ...definition,
  keep: (written, column) => definition.keep(read(definition.schema, written), column),
  check: (written, column) => {
    const value = read(definition.schema, written);
    return value === undefined ? [] : (definition.check?.(value, column) ?? []);
  },
  link: (kept, column) =>
    kept === undefined ? NOTHING : (definition.link?.(definition.kept.parse(kept), column) ?? NOTHING),
});

const read = <S extends z.ZodType>(schema: S, value: unknown): z.infer<S> | undefined =>
  value === undefined ? undefined : schema.parse(value);

export const isText = ({ kind }: ColumnType): boolean => kind === 'char' || kind === 'varchar';
export const isTime = ({ kind }: ColumnType): boolean =>
  kind === 'date' || kind === 'timestamp' || kind === 'timestamptz';
