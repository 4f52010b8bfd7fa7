import type { Found } from '../../values/found.ts';
import { seenAt } from '../plain/place.ts';
import { textOf } from '../plain/scanning.ts';
import type { Scan } from '../plain/state.ts';
import type { RowPlan, SlotPlan, Source } from './shape.ts';
import type { Shapes } from './shapes.ts';

/** The texts and places of the record that was matched last. */

export const textAt = ({ scan, starts, ends, marks }: Shapes, hole: number): string =>
  textOf(scan, starts[hole] ?? 0, ends[hole] ?? 0, marks[hole] ?? 0);

export const slotValue = (shapes: Shapes, { isList, sources }: SlotPlan): Found | Found[] => {
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

/** The line that a place is in, and where it begins, unless it was known to be in that line already. */
export const moveToLine = (s: Scan, line: number, lineFrom: number): void => {
  if (line === s.line) return;
  s.line = line;
  s.lineFrom = lineFrom;
  s.lineColumn = 0;
};

/** Where a row's start tag ends. Rows stand in the order of their tags, so that each line's characters are counted once. */
export const placeOf = (shapes: Shapes, plan: RowPlan, firstLine: number): ReturnType<typeof seenAt> => {
  const { scan: s, stepStarts, stepLines, stepLineFroms } = shapes;
  const start = stepStarts[plan.step] ?? 0;
  const lines = (stepLines[plan.step] ?? 0) + plan.lines;
  const lineFrom = plan.lines > 0 ? start + plan.lineFrom : (stepLineFroms[plan.step] ?? 0);
  moveToLine(s, firstLine + lines, lineFrom);
  s.seen = start + plan.offset;
  return seenAt(s);
};
