import { endRecording } from '../plain/runs.ts';
import { HARD, MORE } from '../plain/scanning.ts';
import { type Context, type Guard, type Holding, newHolding, newRow, type Row } from '../record.ts';
import type { Walk } from '../walk.ts';
import { moveToLine, placeOf, slotValue, textAt } from './holes.ts';
import { choose, match } from './match.ts';
import type { HoldingPlan, Shape, Trie } from './shape.ts';
import type { Shapes } from './shapes.ts';
import { type Direct, writeRows } from './write-rows.ts';

/**
 * Reads a whole record as one of the same shape was read: what stands between its texts is compared, and its rows are made of the
 * texts at once. It reads all of a record or nothing.
 */

/**
 * Reads the record whose start tag stands there, and gives where it ends. Nothing has changed where it has no shape that is known, HARD, or
 * may have one once more bytes are there, MORE.
 */
export const replay = (walk: Walk, shapes: Shapes, less: number, direct: Direct | undefined): number => {
  const trie = walk.top.shapes;
  if (trie === undefined) return HARD;
  const last = match(shapes, trie, less);
  if (last === MORE) return MORE;
  const shape = last && choose(shapes, last);
  const around = shape && walk.top.ups[shape.holdings[0]?.holder ?? -1];
  if (shape === undefined || around === undefined || !fits(walk, shapes, shape, less)) {
    miss(shapes, trie);
    return HARD;
  }
  trie.hits += 1;
  if (shapes.credit < MOST_CREDIT) shapes.credit += EARNED;
  tell(walk, shapes, shape, around, direct);
  return shapes.end;
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

const NO_ROWS: readonly Row[] = [];

const tell = (
  walk: Walk,
  shapes: Shapes,
  shape: Shape,
  around: readonly Context[],
  direct: Direct | undefined,
): void => {
  const { scan: s } = shapes;
  endRecording(s);
  shape.uses += 1;
  shapes.read += 1;
  const { line } = s;
  const isWritten =
    direct !== undefined && writeRows(direct, shape, { shapes, around: around[0]?.holding, line });
  const rows = isWritten ? NO_ROWS : toRows(shapes, shape, toHoldings(walk, shapes, shape, around), line);
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
