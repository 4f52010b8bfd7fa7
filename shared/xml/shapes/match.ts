import { isOnlySpace } from '../../values/space.ts';
import { valueEnd } from '../plain/attributes.ts';
import {
  AMPERSAND,
  stands as areThere,
  GREATER,
  IS_WRITTEN_OTHERWISE,
  OPEN_BRACKET,
  SPACE,
} from '../plain/bytes.ts';
import { stands } from '../plain/runs.ts';
import { MORE, missing, textEnd } from '../plain/scanning.ts';
import { sectionEnd } from '../plain/sections.ts';
import type { Scan } from '../plain/state.ts';
import { textAt } from './holes.ts';
import type { Shape, Step, TextTest, Trie } from './shape.ts';
import { MOST_HOLES, type Shapes } from './shapes.ts';

/** Finds the shape of a record: what stands between its texts is compared, and its texts are scanned. */

/** Bytes that are compared at once. */
const WORD = 4;

/** Goes from step to step as long as the record's bytes do; gives the last, or MORE where the bytes end before the steps do. */
export const match = (shapes: Shapes, trie: Trie, less: number): Step | typeof MORE | undefined => {
  const { scan: s, starts, ends, marks, stepStarts, stepLines, stepLineFroms } = shapes;
  let step: Step = trie;
  let at = less;
  let lines = 0;
  let lineFrom = -1;
  for (let count = 0; count <= MOST_HOLES; count += 1) {
    const next = nextAt(s, step, at);
    if (next === undefined) return isCut(s, step, at) ? MORE : undefined;
    step = next;
    stepStarts[count] = at;
    stepLines[count] = lines;
    stepLineFroms[count] = lineFrom;
    if (step.lines > 0) {
      lines += step.lines;
      lineFrom = at + step.lineFrom;
    }
    at += step.bytes.length;
    if (step.shapes.length > 0) {
      shapes.end = at;
      shapes.lines = lines;
      shapes.lineFrom = lineFrom;
      return step;
    }
    const end = holeEnd(s, step.last, at);
    if (end < 0) return end === MORE ? MORE : undefined;
    starts[count] = at;
    ends[count] = end;
    marks[count] = s.textMarks;
    if (s.textLines > 0) {
      lines += s.textLines;
      lineFrom = s.textLineFrom;
    }
    at = end;
  }
  return undefined;
};

/** Whether the bytes end where a step might stand that is waited for. */
const isCut = (s: Scan, { next }: Step, at: number): boolean =>
  next.some(({ bytes }) => at + bytes.length > s.end) && missing(s) === MORE;

const holeEnd = (s: Scan, last: number, at: number): number => {
  if (last === GREATER) return textEnd(s, at);
  return last === OPEN_BRACKET ? sectionEnd(s, at) : valueEnd(s, at, last);
};

const nextAt = ({ bytes, view, end }: Scan, { next }: Step, at: number): Step | undefined => {
  for (let index = 0; index < next.length; index += 1) {
    const one = next[index];
    if (one === undefined) continue;
    const { length } = one.bytes;
    if (length < WORD ? at + length <= end && areThere(bytes, at, one.bytes) : stands(view, at, end, one))
      return one;
  }
  return undefined;
};

/** The shape whose predicates come to the same by these texts. */
export const choose = (shapes: Shapes, last: Step): Shape | undefined => {
  for (const shape of last.shapes) if (meets(shapes, shape)) return shape;
  return undefined;
};

const meets = (shapes: Shapes, { tests, nodes }: Shape): boolean => {
  for (let index = 0; index < tests.length; index += 1) {
    const test = tests[index];
    if (test !== undefined && isText(shapes, test) !== test.isEqual) return false;
  }
  for (let index = 0; index < nodes.length; index += 1) if (isBlank(shapes, nodes[index] ?? 0)) return false;
  return true;
};

const isText = (shapes: Shapes, { hole, value, bytes }: TextTest): boolean => {
  const start = shapes.starts[hole] ?? 0;
  if (((shapes.marks[hole] ?? 0) & IS_WRITTEN_OTHERWISE) !== 0) return textAt(shapes, hole) === value;
  return (shapes.ends[hole] ?? 0) - start === bytes.length && areThere(shapes.scan.bytes, start, bytes);
};

const isBlank = (shapes: Shapes, hole: number): boolean => {
  const start = shapes.starts[hole] ?? 0;
  const first = shapes.scan.bytes[start] ?? 0;
  // What stands for itself is no space; a reference may stand for one.
  const hasWords = first > SPACE && first !== AMPERSAND && start !== shapes.ends[hole];
  return !hasWords && isOnlySpace(textAt(shapes, hole));
};
