import type { ColumnCopy } from '../../columns/way.ts';
import type { ColumnMatcher, TableMatcher, Target } from '../matcher-shape.ts';
import type { Followed } from '../plain/tags.ts';
import type { State } from '../state.ts';

/** What is remembered of records: the bytes between their values, and what the walk made of such a record once. */

/** The number of a hole, whose text it is; a text that is the same in all records of the shape; or a pair of such. */
export type Source = number | string | PairSource;

export interface PairSource {
  readonly keys: readonly Source[];
  readonly values: readonly Source[];
}

/** The bytes between two holes, up to which records have been the same; holes hold a text, or an attribute's value, each. */
export interface Step {
  readonly bytes: Uint8Array;
  /** Four bytes each, as in a run of tags. */
  readonly words: Int32Array;
  /** Lines that end in it, and where the line begins that is behind the last of them. */
  readonly lines: number;
  readonly lineFrom: number;
  /** The last byte, which says what follows it: a text, an attribute's value or a section. */
  readonly last: number;
  readonly next: Step[];
  /** Of records that end with it: they differ in what predicates made of their texts. */
  readonly shapes: Shape[];
}

/** All shapes of the records in elements of one state. */
export interface Trie extends Step {
  /** Records that were read by a shape, and those that were not, since the two were last weighed. */
  hits: number;
  misses: number;
  /** Records that are not looked at: most are of no shape. */
  paused: number;
  pause: number;
}

export interface SlotPlan {
  readonly slot: number;
  /** Several values, or such as a predicate let pass. */
  readonly isList: boolean;
  readonly sources: readonly Source[];
}

/** A holding that such a record opens. */
export interface HoldingPlan {
  readonly holder: number;
  readonly levels: number;
  /** The index of the one around it; none where it is the record's. */
  readonly up: number | undefined;
  /** A predicate around it did not hold. */
  readonly isDropped: boolean;
  readonly slotCount: number;
  readonly tableCount: number;
  /** Slots that one hole fills, and the holes. */
  readonly slots: readonly number[];
  readonly holes: readonly number[];
  readonly others: readonly SlotPlan[];
}

export interface RowPlan {
  readonly table: number;
  readonly holding: number;
  readonly isDropped: boolean;
  /** Its start tag ends so many bytes behind the start of a step; lines before that, within the step. */
  readonly step: number;
  readonly offset: number;
  readonly lines: number;
  readonly lineFrom: number;
}

export interface HolePair {
  readonly key: number;
  readonly value: number | undefined;
}

/** What a field of a row is made of: mostly of a text of the record as it stands. */
export interface FieldPlan {
  readonly kind: 'hole' | 'same' | 'found';
  /** The column whose way the value goes: of a parent's value the parent's. */
  readonly column: ColumnMatcher;
  /** `hole`: the text, whether its path gives a list of it, and how its bytes may be written. */
  readonly hole: number;
  readonly isList: boolean;
  readonly copy: ColumnCopy | undefined;
  /** Of a `found` that is a map of texts: the holes of its keys and values. */
  readonly pairs: readonly HolePair[];
  /** `same`: in all records. */
  readonly text: string | null;
  /** `found`: where each alternative leads: a slot of the record, nowhere, or around the record. */
  readonly places: readonly (SlotPlan | Target | undefined)[];
}

/** A row that is written from the bytes of a record. */
export interface DirectRow {
  readonly plan: RowPlan;
  readonly table: TableMatcher;
  /** The index of its parent's row among the shape's. */
  readonly parent: number | undefined;
  readonly fields: readonly FieldPlan[];
  /** The document's counts know which of its paths match. */
  isCounted: boolean;
}

export interface TextTest {
  readonly hole: number;
  readonly value: string;
  /** The same in UTF-8. */
  readonly bytes: Uint8Array;
  readonly isEqual: boolean;
}

/** What the walk made of a record: all that texts do not change. */
export interface Shape {
  /** Texts that a predicate compared, and whether they were equal. */
  readonly tests: readonly TextTest[];
  /** Holes that are text nodes: what is only white space is none. */
  readonly nodes: readonly number[];
  readonly holdings: readonly HoldingPlan[];
  readonly rows: readonly RowPlan[];
  /** How many slots one of its texts goes into, at most. */
  readonly times: number;
  /** Levels of its elements. */
  readonly levels: number;
  /** What its values and rows cost of a record's size, besides their characters. */
  readonly cost: number;
  /** Elements by their states, and those without child elements. */
  readonly counts: readonly { readonly state: State; readonly count: number; readonly leaves: number }[];
  readonly seen: readonly { count: number }[];
  readonly elsewhere: number;
  /** Some of its holes are attributes' values, whose tags have a limit of their own. */
  readonly hasValues: boolean;
  readonly expected: number;
  readonly before: Followed;
  readonly wantsText: boolean;
  /** How its rows are written from the bytes of a record; false where they are not, undefined until it is asked. */
  direct: readonly DirectRow[] | false | undefined;
  /** Records that were read by it and stand in no count yet. */
  uses: number;
}
