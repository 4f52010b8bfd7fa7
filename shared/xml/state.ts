import type { CaptureForm } from './captures/capture.ts';
import type { Node } from './matcher-shape.ts';
import type { NameMatch, Scope } from './names.ts';

/** What the automaton's states are. */

export interface State {
  readonly nodes: readonly Node[];
  readonly scope: Scope;
  /** Nodes here and around that have others at any depth below them, by their ids; and those that are here. */
  readonly deep: readonly Node[];
  readonly ownDeep: readonly { readonly anchored: Anchored & { readonly node: Node } }[];
  /** Nodes whose matches stand in other elements than those of the node above, or have to hold before they count. */
  readonly anchors: readonly { readonly node: Node; readonly above: Anchored }[];
  /** Where names lead, in the order in which they were first met, and each name's index in it. */
  readonly next: Next[];
  readonly indexes: Map<string, number>;
  readonly candidates: undefined;
  /** Nothing here is mapped, and, where it is dead, nothing below either. */
  readonly isUnread: boolean;
  readonly isDead: boolean;
  /** Its own text is wanted. */
  readonly takesText: boolean;
  /** Its whole text is wanted, that of its descendants too: a predicate compares it. */
  readonly takesAllText: boolean;
  readonly values: readonly Placed[];
  readonly texts: readonly Placed[];
  readonly names: readonly Placed[];
  readonly captures: readonly (Placed & { readonly form: CaptureForm })[];
  readonly subtrees: readonly (Placed & { readonly form: CaptureForm })[];
  readonly pairs: readonly (Placed & { readonly key: number; readonly value: number })[];
  readonly attributes: readonly { readonly name: NameMatch; readonly placed: Placed }[];
  readonly deciders: readonly { readonly late: number; readonly check: number; readonly value: string }[];
  readonly late: readonly Node[];
  readonly rows: readonly { readonly table: number; readonly anchored: Anchored }[];
  /** Nothing has to be done when such an element opens or closes, apart from its text and its children. */
  readonly isPassive: boolean;
  /** Where the document first had it; undefined for its root, and for what lies beyond MOST_PLACES. */
  readonly trail: Trail | undefined;
  /** Elements that came to it, and those without child elements among the dead ones. */
  count: number;
  leaves: number;
  /** Attributes that its elements had, in the order in which they were first met. */
  readonly seen: SeenAttribute[];
  /** The same place where other namespaces are in scope; of dead states alone, as the others are found by their nodes. */
  readonly rescoped: Map<Scope, State> | undefined;
}

/** An element's place in the document: its name, and the place of the one around it. */
export interface Trail {
  readonly up: Trail | undefined;
  readonly uri: string;
  /** `*` where the place is that of elements of any name. */
  readonly local: string;
  /** It is that of elements at any depth. */
  readonly isDeep: boolean;
  /** It lies below a row's element. */
  readonly isInRecord: boolean;
}

export interface SeenAttribute {
  readonly uri: string;
  readonly local: string;
  count: number;
}

export interface Next {
  readonly name: string;
  readonly to: State | Choice;
}

/** Where a node's contexts are: at the nearest anchor at or above it, so many levels up. */
export interface Anchored {
  readonly anchor: Node;
  readonly hops: number;
}

/** A slot, and the contexts in which its values stand. */
export interface Placed extends Anchored {
  readonly holder: number;
  readonly slot: number;
}

/** Nodes that an element of this name may match: their checks are made element by element. */
export interface Choice {
  readonly candidates: readonly Node[];
  readonly deep: readonly Node[];
  readonly scope: Scope;
  readonly trail: Trail;
  /** States by the candidates that matched, one bit each. */
  readonly outcomes: Map<number, State>;
  /** The state of an element that matched none. */
  readonly none: State;
}
