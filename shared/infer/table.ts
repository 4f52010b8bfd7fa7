import type { ElementPlace, Name } from './shape.ts';
import type { Values } from './values.ts';

/** What is inferred, before it is printed. */

/** A path of a column below its row, in names with their namespaces. */
export interface RelativePath {
  readonly steps: readonly Name[];
  readonly end:
    | { readonly kind: 'element' | 'text' | 'name' }
    | { readonly kind: 'attribute'; readonly name: Name };
}

export interface InferredColumn {
  readonly name: string;
  readonly type: string;
  readonly path: RelativePath;
  readonly options: Readonly<Record<string, string | boolean>>;
  /** Paths of a map, below each match. */
  readonly map?: { readonly keyPath: RelativePath; readonly valuePath: RelativePath };
  /** The values, where each row has one at most. */
  readonly values: Values | undefined;
  readonly says: string;
}

export interface InferredTable {
  readonly name: string;
  readonly place: ElementPlace;
  readonly parent: InferredTable | undefined;
  /** Child column to parent key column, in the order of the parent's key. */
  inherited: readonly { readonly child: string; readonly parent: string }[];
  /** Name of the column of ordinals; of child tables only. */
  readonly ordinal: string | undefined;
  readonly columns: InferredColumn[];
  /** All key columns, inherited ones first; empty without a key. */
  key: readonly string[];
  keySays: string;
  sequence: string | undefined;
  sequenceSays: string;
}

/** Names of the elements from below `from` down to a place. */
export const stepsBetween = (from: ElementPlace | undefined, to: ElementPlace): readonly Name[] =>
  to === from || to.up === undefined ? (to === from ? [] : [to]) : [...stepsBetween(from, to.up), to];
