import type { Automaton } from '../automaton.ts';
import type { Scan } from '../plain/state.ts';
import type { State } from '../state.ts';
import type { Shape, Step, Trie } from './shape.ts';

/** The shapes of a document's records, and where the one that is being read was found to stand. */
export interface Shapes {
  readonly scan: Scan;
  /** How many times saxes was asked to read on. */
  readonly fed: () => number;
  /** By the state of the element around the records. */
  readonly tries: Map<State, Trie>;
  readonly all: Shape[];
  steps: number;
  bytes: number;
  /** Records that were read by a shape. */
  read: number;
  /** Records that may be recorded: those that are read by what was recorded before earn more. */
  credit: number;
  /** The record that was matched last: where it ends, the lines in it, and where the last of them begins. */
  end: number;
  lines: number;
  lineFrom: number;
  /** Of its holes: the bytes that they are, and what is in them. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly marks: Int32Array;
  /** Room for a text whose references are resolved. */
  readonly resolved: Buffer;
  /** Of its steps: where each starts, lines that end before, and where its line begins, -1 where it is the record's first. */
  readonly stepStarts: Int32Array;
  readonly stepLines: Int32Array;
  readonly stepLineFroms: Int32Array;
}

export const MOST_HOLES = 1024;
const LONGEST_RESOLVED = 4096;
const FIRST_CREDIT = 64;

export const newShapes = (scan: Scan, fed: () => number): Shapes => ({
  scan,
  fed,
  tries: new Map(),
  all: [],
  steps: 0,
  bytes: 0,
  read: 0,
  credit: FIRST_CREDIT,
  end: 0,
  lines: 0,
  lineFrom: -1,
  starts: new Int32Array(MOST_HOLES),
  ends: new Int32Array(MOST_HOLES),
  marks: new Int32Array(MOST_HOLES),
  resolved: Buffer.allocUnsafeSlow(LONGEST_RESOLVED),
  stepStarts: new Int32Array(MOST_HOLES + 1),
  stepLines: new Int32Array(MOST_HOLES + 1),
  stepLineFroms: new Int32Array(MOST_HOLES + 1),
});

export const newStep = (bytes: Uint8Array, words: Int32Array, lines: number, lineFrom: number): Step => ({
  bytes,
  words,
  lines,
  lineFrom,
  last: bytes[bytes.length - 1] ?? 0,
  next: [],
  shapes: [],
});

/** Adds what was read by shapes to the counts of their states. */
export const settleCounts = ({ all }: Shapes, automaton: Automaton): void => {
  for (const shape of all) {
    for (const { state, count, leaves } of shape.counts) {
      state.count += shape.uses * count;
      state.leaves += shape.uses * leaves;
    }
    for (const seen of shape.seen) seen.count += shape.uses;
    automaton.elsewhere += shape.uses * shape.elsewhere;
    shape.uses = 0;
  }
};
