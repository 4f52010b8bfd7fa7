import {
  type DocumentMismatch,
  type SourceRefused,
  type XmlLimitExceeded,
  XmlMalformed,
  type XmlUnsupported,
} from '../errors.ts';
import type { Found } from '../values/found.ts';
import { type Automaton, internState, newAutomaton } from './automaton.ts';
import type { Capture, Tag } from './captures/capture.ts';
import type { Limits } from './limits.ts';
import type { Matcher } from './matcher-shape.ts';
import { ROOT_SCOPE } from './names.ts';
import type { Context, Core, Guard, Holding, Row } from './record.ts';
import type { Recording } from './shapes/recorded.ts';
import type { Trie } from './shapes/shape.ts';
import type { Shapes } from './shapes/shapes.ts';
import type { Placed, State } from './state.ts';

export type Refusal =
  | typeof DocumentMismatch
  | typeof SourceRefused
  | typeof XmlLimitExceeded
  | typeof XmlMalformed
  | typeof XmlUnsupported;

/** What a walk needs of its surroundings. */
export interface Surroundings {
  readonly matcher: Matcher;
  readonly limits: Limits;
  readonly position: () => { readonly line: number; readonly column: number };
  /** Throws an error of a kind, with the document's place, line and column. */
  readonly refuse: (kind: Refusal, what: string) => never;
  readonly onRecord: (rows: readonly Row[]) => void;
  /** How many times saxes has read on before now. */
  readonly fedBefore: () => number;
  readonly onWanted: (name: string, value: string) => void;
}

/** The walk over one document's elements: it fills holdings and hands over each record when its element closes. */
export interface Walk extends Surroundings {
  readonly automaton: Automaton;
  /** Made once: a function that makes one costs each of its calls an object. */
  readonly refuseMalformed: (what: string) => never;
  readonly frames: Frame[];
  depth: number;
  top: Frame;
  /** Open frames whose whole text a predicate compares. */
  readonly allText: Frame[];
  /** Open elements of which everything is kept. */
  readonly captures: { readonly placed: Placed; readonly capture: Capture; readonly inner: Match[] }[];
  /** The holding of the document, and those that opened before a record: it freezes them. */
  readonly document: Holding;
  readonly unfrozen: Holding[];
  /** Depth of the open record's element; 0 when none is open. */
  recordDepth: number;
  /** Characters of text since the last tag. */
  textLength: number;
  /** Pieces of text given to the parser so far, and the one that the open record began in. */
  pieces: number;
  recordPiece: number;
  /** What `fedBefore` gave when the open record began. */
  recordFed: number;
  rows: Row[];
  records: number;
  /** The root is that of a sign alone: an error once the document has none. */
  refuseWithoutSign: () => void;
  /** What the open record, and what stands around records, hold: characters, and a cost for each value. */
  held: number;
  heldAround: number;
  /** The shapes of records, where they are remembered, and the record that one is made of. */
  shapes: Shapes | undefined;
  recording: Recording | undefined;
}

/** An element of which everything was kept, and those of the same slot that lie in it, in their order. */
export interface Match {
  readonly contexts: readonly Context[];
  readonly found: Found;
  readonly inner: readonly Match[];
}

/** An open element; frames are used again at their depth. */
export interface Frame {
  state: State;
  readonly depth: number;
  /** By the state's anchors: the contexts of their matches. */
  contexts: (readonly Context[])[];
  /** By the state's deep nodes: the contexts of their open matches. */
  open: readonly (readonly Context[])[];
  /** By late nodes that the element matched. */
  guards: Map<number, { readonly core: Core; readonly guards: readonly Guard[] }> | undefined;
  /** Where in `state.next` the next child is looked for first: elements mostly come in the same order. */
  expected: number;
  text: string;
  allText: string;
  hasElements: boolean;
  isNil: boolean;
  /** Its start tag, where its child elements would be kept with it. */
  tag: Tag | undefined;
  /** How many siblings met a node's checks so far, by node and check. */
  counters: Map<string, number> | undefined;
  /** Shapes of the records in it, and what stands around those, by their holders. */
  shapes: Trie | undefined;
  ups: (readonly Context[] | undefined)[];
}

export const newFrame = (state: State, depth: number): Frame => ({
  state,
  depth,
  contexts: [],
  open: [],
  guards: undefined,
  expected: 0,
  text: '',
  allText: '',
  hasElements: false,
  isNil: false,
  tag: undefined,
  counters: undefined,
  shapes: undefined,
  ups: [],
});

export const newWalk = (around: Surroundings): Walk => {
  const automaton = newAutomaton();
  const top = newFrame(internState(automaton, [around.matcher.root], [], ROOT_SCOPE, undefined), 0);
  const document: Holding = { holder: 0, ups: [], depth: 0, entries: [], rows: [], isFrozen: false };
  top.contexts = [[{ holding: document, guard: undefined }]];
  top.open = top.contexts;
  return {
    ...around,
    automaton,
    refuseMalformed: (what) => around.refuse(XmlMalformed, what),
    frames: [top],
    depth: 0,
    top,
    allText: [],
    captures: [],
    document,
    unfrozen: [document],
    recordDepth: 0,
    textLength: 0,
    pieces: 0,
    recordPiece: 0,
    recordFed: 0,
    rows: [],
    records: 0,
    refuseWithoutSign: () => undefined,
    held: 0,
    heldAround: 0,
    shapes: undefined,
    recording: undefined,
  };
};
