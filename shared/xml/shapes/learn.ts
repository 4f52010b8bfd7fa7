import { LESS } from '../plain/bytes.ts';
import { type Scan, toWords } from '../plain/state.ts';
import { anyVerdict, type Guard, type Holding, type Row, verdict } from '../record.ts';
import type { State } from '../state.ts';
import type { Walk } from '../walk.ts';
import { countLines, cut, type Parts } from './parts.ts';
import type { Put, Recording } from './recorded.ts';
import type { HoldingPlan, RowPlan, Shape, SlotPlan, Source, Step, Trie } from './shape.ts';
import { MOST_HOLES, newStep, type Shapes } from './shapes.ts';

/** Makes a shape of a record that was recorded, and remembers it by the bytes between its texts. */

/** Steps and their bytes that are remembered, and those that may follow one. */
const MOST_STEPS = 8192;
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_NEXT = 8;
const MOST_SHAPES = 8;

/** What a row and a value cost of the record's size besides characters is told by who counts it. */
export interface Costs {
  readonly row: number;
  readonly value: number;
}

/** The record that closes: its shape, where it has one, and the contexts around it are remembered. */
export const learn = (walk: Walk, shapes: Shapes, rows: readonly Row[], costs: Costs): void => {
  const parent = walk.frames[walk.depth - 1];
  const [first] = rows;
  const { recording } = walk;
  walk.recording = undefined;
  if (parent === undefined || first === undefined) return;
  if (recording !== undefined && isComplete(walk, shapes, recording))
    keep(walk, shapes, recording, rows, costs);
  const trie = shapes.tries.get(parent.state);
  const [up] = first.holding.ups;
  if (trie === undefined || up === undefined || first.holding.ups.length !== 1) return;
  // A predicate of the record itself is decided by now; one of an element around it is not.
  if (verdict(up.guard) === undefined) return;
  if (shapes.fed() !== walk.fedBefore() || walk.captures.length > 0 || walk.allText.length > 0) return;
  // What stood around records of the element before goes with it.
  if (parent.shapes === undefined) parent.ups = [];
  parent.shapes = trie;
  parent.ups[first.holding.holder] = [{ holding: up.holding, guard: undefined }];
  const isPaused = trie.paused > 0;
  if (isPaused) trie.paused -= 1;
  shapes.scan.recordsAt = isPaused ? -1 : shapes.scan.open.length;
};

const isComplete = (walk: Walk, shapes: Shapes, { isSpoiled, pieces, fed }: Recording): boolean =>
  !isSpoiled && pieces === walk.pieces && fed === shapes.fed();

const keep = (walk: Walk, shapes: Shapes, recording: Recording, rows: readonly Row[], costs: Costs): void => {
  const parent = walk.frames[walk.depth - 1];
  const { bytes, at } = shapes.scan;
  const start = bytes.lastIndexOf(LESS, recording.startEnd - 1);
  const parts = cut(bytes, start, at, (key) => recording.fixed.has(key));
  if (parent === undefined || parts === undefined || parts.steps.length > MOST_HOLES) return;
  // With words in it, it would be a value.
  if (recording.blanks.some((end) => parts.texts.has(end))) return;
  const holdings = toHoldings(walk, recording, parts);
  const plans = toRows(shapes.scan, recording, rows, parts);
  if (holdings === undefined || plans === undefined) return;
  const shape: Shape = {
    tests: recording.tests.flatMap(({ textEnd, ...test }) => {
      const hole = parts.texts.get(textEnd);
      return hole === undefined ? [] : [{ hole, ...test, bytes: Buffer.from(test.value) }];
    }),
    nodes: recording.puts.flatMap(({ isNode, textEnd = -1 }) =>
      isNode ? (parts.texts.get(textEnd) ?? []) : [],
    ),
    holdings,
    rows: plans,
    levels: recording.deepest - walk.depth + 1,
    times: timesOf(recording.puts),
    cost: rows.length * costs.row + recording.puts.length * costs.value,
    counts: toCounts(recording),
    seen: recording.seen,
    elsewhere: recording.elsewhere,
    hasValues: parts.values.size > 0,
    expected: parent.expected,
    before: shapes.scan.before,
    wantsText: parent.state.takesText,
    direct: undefined,
    uses: 0,
  };
  insert(shapes, parent.state, parts, shape);
};

/** How often what is put most often is put: each time, its characters count towards the record's size. */
const timesOf = (puts: readonly Put[]): number => {
  const times = new Map<string, number>();
  for (const { textEnd, attribute, value } of puts) {
    const of =
      textEnd !== undefined ? `t${textEnd}` : attribute !== undefined ? `a${attribute}` : `v${value}`;
    times.set(of, (times.get(of) ?? 0) + 1);
  }
  return Math.max(1, ...times.values());
};

const sourceOf = (put: Put, puts: readonly Put[], { texts, values }: Parts): Source => {
  const { textEnd, attribute, pair, value } = put;
  const hole =
    textEnd !== undefined ? texts.get(textEnd) : attribute !== undefined ? values.get(attribute) : undefined;
  if (pair === undefined) return hole ?? value;
  const sourcesAt = (slot: number): readonly Source[] =>
    puts
      .slice(0, pair.before)
      .filter((one) => one.holding === pair.holding && one.slot === slot)
      .map((one) => sourceOf(one, puts, { texts, values, steps: [] }));
  return { keys: sourcesAt(pair.key), values: sourcesAt(pair.value) };
};

const toHoldings = (
  { matcher }: Walk,
  { holdings, puts }: Recording,
  parts: Parts,
): readonly HoldingPlan[] | undefined => {
  if (puts.some(({ holding }) => !holdings.includes(holding))) return undefined;
  const plans: HoldingPlan[] = [];
  for (const [index, holding] of holdings.entries()) {
    const [up] = holding.ups;
    if (up === undefined || holding.ups.length !== 1) return undefined;
    const around = holdings.indexOf(up.holding);
    const holds = verdict(up.guard);
    // The record's own holding is the first, and the only one in elements around it.
    if (around < 0 !== (index === 0) || holds === undefined) return undefined;
    const slots = toSlots(puts, holding, parts);
    if (slots === undefined) return undefined;
    const single = slots.flatMap(({ slot, isList, sources: [source] }) =>
      typeof source === 'number' && !isList ? [{ slot, hole: source }] : [],
    );
    const singles = new Set(single.map(({ slot }) => slot));
    plans.push({
      holder: holding.holder,
      levels: holding.depth - (holdings[0]?.depth ?? 0),
      up: around < 0 ? undefined : around,
      isDropped: !holds,
      slotCount: matcher.holders[holding.holder]?.paths.length ?? 0,
      tableCount: holding.rows.length,
      slots: single.map(({ slot }) => slot),
      holes: single.map(({ hole }) => hole),
      others: slots.filter(({ slot }) => !singles.has(slot)),
    });
  }
  return plans;
};

/** The slots of a holding that have values, in the order in which they came; undefined where a predicate is open. */
const toSlots = (puts: readonly Put[], holding: Holding, parts: Parts): readonly SlotPlan[] | undefined => {
  const slots = new Map<number, { isList: boolean; readonly sources: Source[] }>();
  for (const put of puts) {
    if (put.holding !== holding) continue;
    const holds = put.guards === undefined ? true : anyVerdict(put.guards);
    if (holds === undefined) return undefined;
    const known = slots.get(put.slot);
    const of = known ?? { isList: put.guards !== undefined, sources: [] };
    if (known !== undefined) known.isList = true;
    slots.set(put.slot, of);
    if (holds) of.sources.push(sourceOf(put, puts, parts));
  }
  const all = [...slots].map(([slot, of]) => ({ slot, ...of }));
  return all.filter(({ sources }) => sources.length > 0);
};

const toRows = (
  { bytes }: Scan,
  { holdings, rowEnds }: Recording,
  rows: readonly Row[],
  { steps }: Parts,
): readonly RowPlan[] | undefined => {
  const plans: RowPlan[] = [];
  for (const [index, row] of rows.entries()) {
    const end = rowEnds[index] ?? -1;
    const step = steps.findIndex(({ from, to }) => end > from && end <= to);
    const from = steps[step]?.from;
    const holding = holdings.indexOf(row.holding);
    const holds = isHeld(row.guards);
    if (from === undefined || holding < 0 || holds === undefined) return undefined;
    const { lines, lineFrom } = countLines(bytes, from, end);
    plans.push({ table: row.table, holding, isDropped: !holds, step, offset: end - from, lines, lineFrom });
  }
  return plans;
};

const isHeld = (guards: readonly Guard[] | undefined): boolean | undefined =>
  guards === undefined ? true : anyVerdict(guards);

const toCounts = ({ entered, leaves }: Recording): Shape['counts'] => {
  const counts = new Map<State, { count: number; leaves: number }>();
  for (const state of entered) {
    const known = counts.get(state) ?? { count: 0, leaves: 0 };
    counts.set(state, known);
    known.count += 1;
  }
  for (const state of leaves) {
    const known = counts.get(state);
    if (known !== undefined) known.leaves += 1;
  }
  return [...counts].map(([state, count]) => ({ state, ...count }));
};

const insert = (shapes: Shapes, around: State, { steps }: Parts, shape: Shape): void => {
  const { scan, tries } = shapes;
  const trie = tries.get(around) ?? newTrie();
  let step: Step = trie;
  for (const { from, to } of steps) {
    const bytes = scan.bytes.subarray(from, to);
    let next = step.next.find((one) => bytes.equals(one.bytes));
    if (next === undefined) {
      if (step.next.length >= MOST_NEXT || shapes.steps >= MOST_STEPS || shapes.bytes > MOST_BYTES) return;
      const own = Buffer.from(bytes);
      const { lines, lineFrom } = countLines(own, 0, own.length);
      next = newStep(own, toWords(own), lines, lineFrom);
      step.next.push(next);
      // One that begins as another does is looked at first.
      step.next.sort((some, other) => other.bytes.length - some.bytes.length);
      shapes.steps += 1;
      shapes.bytes += own.length;
    }
    step = next;
  }
  // The first record of an element is recorded, though others had its shape.
  if (step.shapes.length >= MOST_SHAPES || step.shapes.some((one) => isSame(one, shape))) return;
  step.shapes.push(shape);
  shapes.all.push(shape);
  tries.set(around, trie);
};

/** Records with the same bytes between their texts differ in what predicates came to. */
const isSame = ({ tests: some }: Shape, { tests: others }: Shape): boolean =>
  some.length === others.length &&
  some.every(({ hole, value, isEqual }, at) => {
    const other = others[at];
    return hole === other?.hole && value === other.value && isEqual === other.isEqual;
  });

const newTrie = (): Trie => ({
  ...newStep(Buffer.alloc(0), new Int32Array(0), 0, 0),
  hits: 0,
  misses: 0,
  paused: 0,
  pause: 64,
});
