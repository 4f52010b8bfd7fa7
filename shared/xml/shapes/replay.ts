import type { Found } from '../../values/found.ts';
import { isOnlySpace } from '../../values/space.ts';
import { valueEnd } from '../plain/attributes.ts';
import { stands as areThere, GREATER, OPEN_BRACKET } from '../plain/bytes.ts';
import { seenAt } from '../plain/place.ts';
import { endRecording, stands } from '../plain/runs.ts';
import { textEnd, textOf } from '../plain/scanning.ts';
import { sectionEnd } from '../plain/sections.ts';
import type { Scan } from '../plain/state.ts';
import { type Context, type Guard, type Holding, newHolding, newRow, type Row } from '../record.ts';
import type { Walk } from '../walk.ts';
import type { HoldingPlan, RowPlan, Shape, SlotPlan, Source, Step, Trie } from './shape.ts';
import { MOST_HOLES, type Shapes } from './shapes.ts';

/**
 * Reads a whole record as one of the same shape was read: what stands between its texts is compared, and its rows are made of the
 * texts at once. It reads all of a record or nothing.
 */

/** Bytes that are compared at once. */
const WORD = 4;

/** Reads the record whose start tag stands there; gives false, and nothing has changed, where it has no shape that is known. */
export const replay = (walk: Walk, shapes: Shapes, less: number): boolean => {
  const trie = walk.top.shapes;
  if (trie === undefined) return false;
  const last = match(shapes, trie, less);
  const shape = last && choose(shapes, last);
  const around = shape && walk.top.ups[shape.holdings[0]?.holder ?? -1];
  if (shape === undefined || around === undefined || !fits(walk, shapes, shape, less)) {
    miss(shapes, trie);
    return false;
  }
  trie.hits += 1;
  if (shapes.credit < MOST_CREDIT) shapes.credit += EARNED;
  tell(walk, shapes, shape, around);
  return true;
};

/** A record that is read by a shape pays for the eighth part of one that is recorded. */
const EARNED = 0.125;
const MOST_CREDIT = 512;
/** Misses by which they may be more than hits, and the longest pause. */
const MOST_MISSES = 64;
const LONGEST_PAUSE = 65_536;

const miss = ({ scan }: Shapes, trie: Trie): void => {
  trie.misses += 1;
  if (trie.misses < trie.hits + MOST_MISSES) return;
  trie.paused = trie.pause;
  scan.recordsAt = -1;
  trie.pause = Math.min(2 * trie.pause, LONGEST_PAUSE);
  trie.hits = 0;
  trie.misses = 0;
};

/** Goes from step to step as long as the record's bytes do; gives the last. */
const match = (shapes: Shapes, trie: Trie, less: number): Step | undefined => {
  const { scan: s, starts, ends, marks, stepStarts, stepLines, stepLineFroms } = shapes;
  let step: Step = trie;
  let at = less;
  let lines = 0;
  let lineFrom = -1;
  for (let count = 0; count <= MOST_HOLES; count += 1) {
    const next = nextAt(s, step, at);
    if (next === undefined) return undefined;
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
    if (end < 0) return undefined;
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

const textAt = ({ scan, starts, ends, marks }: Shapes, hole: number): string =>
  textOf(scan, starts[hole] ?? 0, ends[hole] ?? 0, marks[hole] ?? 0);

/** The shape whose predicates come to the same by these texts. */
const choose = (shapes: Shapes, last: Step): Shape | undefined => {
  for (const shape of last.shapes) if (meets(shapes, shape)) return shape;
  return undefined;
};

const meets = (shapes: Shapes, { tests, nodes }: Shape): boolean => {
  for (let index = 0; index < tests.length; index += 1) {
    const test = tests[index];
    if (test !== undefined && (textAt(shapes, test.hole) === test.value) !== test.isEqual) return false;
  }
  for (let index = 0; index < nodes.length; index += 1)
    if (isOnlySpace(textAt(shapes, nodes[index] ?? 0))) return false;
  return true;
};

/** Whether the record, and each of its tags, may be so large, and its elements so deep. */
const fits = (
  { depth, limits }: Walk,
  { end }: Shapes,
  { levels, times, cost, hasValues }: Shape,
  less: number,
): boolean => {
  const size = end - less;
  if (depth + levels > limits.depth) return false;
  return size * times + cost <= limits.recordSize && (!hasValues || size <= limits.textLength);
};

const tell = (walk: Walk, shapes: Shapes, shape: Shape, around: readonly Context[]): void => {
  const { scan: s } = shapes;
  endRecording(s);
  shape.uses += 1;
  shapes.read += 1;
  const { line } = s;
  const rows = toRows(shapes, shape, toHoldings(walk, shapes, shape, around), line);
  if (shapes.lines > 0) moveToLine(s, line + shapes.lines, shapes.lineFrom);
  s.at = shapes.end;
  s.seen = s.at;
  s.before = shape.before;
  s.wantsText = shape.wantsText;
  const { top } = walk;
  top.expected = shape.expected;
  top.text = '';
  walk.textLength = 0;
  walk.recordFed = walk.fedBefore();
  walk.onRecord(rows);
};

/** The line that a place is in, and where it begins, unless it was known to be in that line already. */
const moveToLine = (s: Scan, line: number, lineFrom: number): void => {
  if (line === s.line) return;
  s.line = line;
  s.lineFrom = lineFrom;
  s.lineColumn = 0;
};

const toHoldings = (
  walk: Walk,
  shapes: Shapes,
  { holdings }: Shape,
  around: readonly Context[],
): readonly Holding[] => {
  const made: Holding[] = [];
  for (let index = 0; index < holdings.length; index += 1) {
    const plan = holdings[index];
    if (plan === undefined) continue;
    const up = plan.up === undefined ? around[0]?.holding : made[plan.up];
    const isSame = up === undefined || (plan.up === undefined && !plan.isDropped);
    const ups = isSame ? around : [{ holding: up, guard: plan.isDropped ? DROPPED : undefined }];
    const holding = newHolding(
      plan.holder,
      ups,
      walk.depth + 1 + plan.levels,
      plan.slotCount,
      plan.tableCount,
    );
    fill(shapes, plan, holding);
    made.push(holding);
  }
  return made;
};

const fill = (shapes: Shapes, { slots, holes, others }: HoldingPlan, { entries }: Holding): void => {
  for (let index = 0; index < slots.length; index += 1)
    entries[slots[index] ?? 0] = textAt(shapes, holes[index] ?? 0);
  for (let index = 0; index < others.length; index += 1) {
    const other = others[index];
    if (other !== undefined) entries[other.slot] = slotValue(shapes, other);
  }
};

const slotValue = (shapes: Shapes, { isList, sources }: SlotPlan): Found | Found[] => {
  const values = sources.map((source) => valueAt(shapes, source));
  const [first = null] = values;
  return isList ? values : first;
};

const valueAt = (shapes: Shapes, source: Source): Found => {
  if (typeof source === 'number') return textAt(shapes, source);
  if (typeof source === 'string') return source;
  const each = (one: Source): Found => valueAt(shapes, one);
  return { keys: source.keys.map(each), values: source.values.map(each) };
};

/** What a predicate that did not hold stands around. */
const DROPPED: Guard = { around: undefined, core: { met: new Set(), outcome: false }, late: undefined };
const DROPPED_ROW: readonly Guard[] = [DROPPED];

const toRows = (
  shapes: Shapes,
  shape: Shape,
  holdings: readonly Holding[],
  firstLine: number,
): readonly Row[] => {
  const rows: Row[] = [];
  for (let index = 0; index < shape.rows.length; index += 1) {
    const plan = shape.rows[index];
    const holding = plan && holdings[plan.holding];
    if (plan === undefined || holding === undefined) continue;
    const row = newRow(
      plan.table,
      holding,
      plan.isDropped ? DROPPED_ROW : undefined,
      placeOf(shapes, plan, firstLine),
    );
    holding.rows[plan.table] = row;
    rows.push(row);
  }
  return rows;
};

/** Where a row's start tag ends. Rows stand in the order of their tags, so that each line's characters are counted once. */
const placeOf = (shapes: Shapes, plan: RowPlan, firstLine: number): ReturnType<typeof seenAt> => {
  const { scan: s, stepStarts, stepLines, stepLineFroms } = shapes;
  const start = stepStarts[plan.step] ?? 0;
  const lines = (stepLines[plan.step] ?? 0) + plan.lines;
  const lineFrom = plan.lines > 0 ? start + plan.lineFrom : (stepLineFroms[plan.step] ?? 0);
  moveToLine(s, firstLine + lines, lineFrom);
  s.seen = start + plan.offset;
  return seenAt(s);
};
