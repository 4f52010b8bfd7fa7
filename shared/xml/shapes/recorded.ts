import type { Guard, Holding } from '../record.ts';
import type { State } from '../state.ts';

/**
 * What the walk does with one plain record, written down while it does it. Whatever cannot be told from the texts and tags of the record
 * alone spoils the recording: then the record has no shape.
 */
export interface Recording {
  /** Where its start tag ends, among the bytes that are scanned. */
  readonly startEnd: number;
  readonly pieces: number;
  readonly fed: number;
  readonly holdings: Holding[];
  /** Where the start tags of its rows end. */
  readonly rowEnds: number[];
  readonly puts: Put[];
  readonly tests: { readonly textEnd: number; readonly value: string; readonly isEqual: boolean }[];
  /** Where text nodes end that count as none, being only white space. */
  readonly blanks: number[];
  /** Attributes that predicates look at: records of the shape have the same values. */
  readonly fixed: Set<number>;
  readonly entered: State[];
  readonly leaves: State[];
  /** Counts of attributes, each as often as it was met. */
  readonly seen: { count: number }[];
  elsewhere: number;
  /** How deep the document is there. */
  deepest: number;
  /** The number of the last start tag. */
  tag: number;
  /** Texts since the last tag, and where the last of them ends. */
  texts: number;
  textEnd: number;
  /** Where the key and the value of the pair lie that is put next. */
  pair: PairAt | undefined;
  isSpoiled: boolean;
}

export interface PairAt {
  readonly holding: Holding;
  readonly key: number;
  readonly value: number;
}

export interface Put {
  readonly holding: Holding;
  readonly slot: number;
  readonly guards: readonly Guard[] | undefined;
  /** What it is: the text that ends there, an attribute, a pair of what was put before, or else the same in all records. */
  readonly textEnd: number | undefined;
  readonly attribute: number | undefined;
  readonly pair: (PairAt & { readonly before: number }) | undefined;
  readonly value: string;
  readonly isNode: boolean;
}
