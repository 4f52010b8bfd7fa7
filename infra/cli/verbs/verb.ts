import type { CommandIo } from '../command-io.ts';

/** What a verb is: its words, from which help and the reading of arguments are made, and its work. */

export interface OptionSpec {
  /** Placeholder of the option's value; a flag has none. */
  readonly value?: string;
  readonly isRepeated?: boolean;
  readonly default?: string;
  readonly help: string;
}

export interface VerbArguments {
  readonly operands: readonly string[];
  /** Options with a value, defaults filled in; each has as many values as it was given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly flags: ReadonlySet<string>;
}

export interface Verb {
  readonly summary: string;
  /** Positional arguments as help shows them, and how many there may be. */
  readonly operands?: { readonly usage: string; readonly min: number; readonly max: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  /** Does the work and answers the exit status. It loads what it needs when it is called: help needs no cloud. */
  run(args: VerbArguments, io: CommandIo): Promise<number>;
}

/** The value of an option that is given at most once. */
export const firstValue = (args: VerbArguments, option: string): string | undefined =>
  args.values.get(option)?.[0];
