import type { ColumnTyper, toPresence } from '../columns/way.ts';
import type { AttributeTest } from '../model/path.ts';
import type { HashPlace } from '../model/record-hash.ts';
import type { CaptureForm } from './captures/capture.ts';
import type { NameMatch } from './names.ts';

/** What a contract's paths compile to: see matcher.ts. */

/** A predicate with its names resolved. */
export type Check =
  | { readonly kind: 'position'; readonly position: number }
  | {
      readonly kind: 'attribute';
      readonly test: AttributeTest['kind'];
      readonly name: NameMatch;
      /** Empty where the test compares none. */
      readonly value: string;
    }
  | { readonly kind: 'child' };

/** Where found values go: a slot of the row, or of the ancestor, that the path starts from. */
export interface Target {
  readonly holder: number;
  readonly slot: number;
}

export interface Node {
  readonly id: number;
  /** What the node is, in text, to find it again when another path takes the same step. */
  readonly key: string;
  readonly name: NameMatch;
  readonly checks: readonly Check[];
  /** A check looks at child elements, so it is decided when the element closes. */
  readonly isLate: boolean;
  readonly depth: number;
  readonly parent: Node | undefined;
  /** It matches at any depth below its parent's element. */
  readonly isDeep: boolean;
  /** What stands directly below, and at any depth below. */
  readonly children: Node[];
  readonly deep: Node[];
  /** Slots that take the element's value. */
  readonly values: Target[];
  /** Slots that take each of its text nodes. */
  readonly texts: Target[];
  /** Slots that take its local name. */
  readonly names: Target[];
  /** Slots that take all that is in it, in a form of its own. */
  readonly captures: (Target & { readonly form: CaptureForm })[];
  /** Slots that take the element's value, and where it has child elements all that is in it. */
  readonly subtrees: (Target & { readonly form: CaptureForm })[];
  /** Slots that take a key and a value found in it, which stand in slots of its own holder. */
  readonly pairs: (Target & { readonly key: number; readonly value: number })[];
  readonly attributes: { readonly name: NameMatch; readonly target: Target }[];
  /** The check of the late node above that is met when this element's whole text is the value. */
  readonly decides: { readonly late: number; readonly check: number; readonly value: string } | undefined;
  /** The holder that such an element opens. */
  holder: number | undefined;
  readonly tables: number[];
}

/** An element whose values rows read: the document (0), a row, or an ancestor of rows. */
export interface Holder {
  /** The path of each slot. */
  readonly paths: string[];
  /** Slots that only the caller wants: the first value counts, at any place of the document. */
  readonly wanted: Map<number, readonly string[]>;
}

export interface ColumnMatcher {
  readonly name: string;
  readonly path: string;
  readonly type: ColumnTyper;
  /** Whether what an alternative found is a value, so that the next one is not asked. */
  readonly isValue: ReturnType<typeof toPresence>;
  readonly source:
    | { readonly kind: 'slot'; readonly alternatives: readonly Target[] }
    | { readonly kind: 'ordinal' }
    | { readonly kind: 'value'; readonly template: string }
    /** Set once the record's rows are typed. */
    | { readonly kind: 'hash' }
    | { readonly kind: 'parent'; readonly column: number };
}

export interface TableMatcher {
  readonly table: string;
  readonly holder: number;
  readonly parent: number | undefined;
  readonly columns: readonly ColumnMatcher[];
  /** Index of the cursor column. */
  readonly cursor: number | undefined;
  /** Of the root of a record that has a hash. */
  readonly hash: HashPlace | undefined;
  /** Its rows say that rows of another table are gone. */
  readonly isTombstones: boolean;
}

export interface Matcher {
  readonly root: Node;
  readonly holders: readonly Holder[];
  readonly tables: readonly TableMatcher[];
  /** First steps of the tables' rows: what the document's root has to be. */
  readonly roots: readonly { readonly name: NameMatch; readonly text: string }[];
  /** First steps of signs: what the root of a document may be in which one of them is found. */
  readonly signRoots: Matcher['roots'];
}
