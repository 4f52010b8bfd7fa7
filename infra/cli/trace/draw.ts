import { toDuration } from '../terminal.ts';
import type { ExecutionLanes, Lane } from './lanes.ts';
import { COLD_START, type Part, QUEUE, RETRY, sumParts } from './tiles.ts';
import { laneKey, msOf, slowestPage, slowestSlice, sumLanes, sumWaits, type Waterfall } from './waterfall.ts';

/** The waterfall as plain text, which is read without colour: at most 100 columns. */

const MOST_COLUMNS = 100;
const NAME_COLUMNS = 24;
const BAR_COLUMNS = 50;
const TIME_COLUMNS = 11;
/** Slices that are drawn, the slowest: a plan has up to 200. */
const MOST_SLICES = 20;

/** What a part is drawn with. */
const SIGNS: Readonly<Record<string, string>> = {
  [QUEUE]: '.',
  [COLD_START]: 'c',
  [RETRY]: '!',
  'wait for headers': 'h',
  'wait for a turn': 't',
  read: 'r',
  parse: 'p',
  encode: 'e',
  upload: 'u',
  publish: 'b',
  S3: 's',
  'Redshift Data': 'd',
  warehouse: 'w',
};
/** Of a function that computes, and of all that has no sign of its own. */
const WORK_SIGN = '#';

export interface Compared {
  readonly batch: string;
  readonly waterfall: Waterfall;
}

/** The lines of a waterfall, and beside each lane its like of another batch. */
export const drawWaterfall = (waterfall: Waterfall, before: Compared | undefined): readonly string[] => {
  const { executions, startMs, endMs } = waterfall;
  const sums = before === undefined ? undefined : sumLanes(before.waterfall);
  const axis = { startMs, ms: Math.max(1, endMs - startMs) };
  const statements = waterfall.lanes.filter(({ machine }) => machine === 'warehouse');
  const rows = [
    ...executions.map((one) => ({ startMs: one.startMs, lines: drawExecution(one, axis, sums) })),
    ...statements.map((one) => ({ startMs: one.startMs, lines: [drawLane('warehouse', one, axis, sums)] })),
  ].sort((a, b) => a.startMs - b.startMs);
  return [
    drawAxis(axis.ms, sums !== undefined),
    ...rows.flatMap(({ lines }) => lines),
    '',
    ...drawLegend(waterfall.lanes),
  ];
};

interface Axis {
  readonly startMs: number;
  readonly ms: number;
}

const drawAxis = (ms: number, isCompared: boolean): string => {
  const marks = [0, 0.5, 1].map((share) => toDuration(ms * share));
  const half = Math.floor(BAR_COLUMNS / 2);
  const [from = '', middle = '', to = ''] = marks;
  const bar = `${from.padEnd(half)}${middle.padEnd(BAR_COLUMNS - half - to.length)}${to}`;
  return joinRow('', bar, 'took', isCompared ? 'day before' : '');
};

const drawExecution = (
  { machine, lanes, isFailed, ...span }: ExecutionLanes,
  axis: Axis,
  sums: ReadonlyMap<string, number> | undefined,
): readonly string[] => {
  const bar = fill(axis, (fromMs, toMs) => (fromMs < span.endMs && toMs > span.startMs ? '-' : ' '));
  const head = joinRow(`${machine}${isFailed ? ' FAILED' : ''}`, bar, toDuration(msOf(span)), '');
  const slices = lanes.filter(({ slice }) => slice !== undefined);
  const slowest = new Set(slices.toSorted((a, b) => msOf(b) - msOf(a)).slice(0, MOST_SLICES));
  const drawn = lanes.filter((lane) => lane.slice === undefined || slowest.has(lane));
  const left = slices.length - slowest.size;
  return [
    head,
    ...drawn.map((lane) => drawLane(`  ${toName(lane)}`, lane, axis, sums)),
    ...(left === 0 ? [] : [`  … and ${left} quicker slices`]),
  ];
};

const toName = ({ state, slice }: Lane): string => (slice === undefined ? state : `slice ${slice}`);

const drawLane = (
  name: string,
  lane: Lane,
  axis: Axis,
  sums: ReadonlyMap<string, number> | undefined,
): string => {
  const before = sums?.get(laneKey(lane));
  const told = sums === undefined || before === undefined ? '' : toDuration(before);
  const label = `${name}${lane.isFailed ? ' FAILED' : ''}`;
  return joinRow(label, drawBar(lane, axis), toDuration(msOf(lane)), told);
};

/** Each cell shows what most of its time went to; a lane is never without one. */
const drawBar = ({ parts, startMs }: Lane, axis: Axis): string => {
  const bar = fill(axis, (fromMs, toMs) => {
    const within = parts.map((part) => ({
      part,
      ms: Math.min(part.endMs, toMs) - Math.max(part.startMs, fromMs),
    }));
    const most = within.reduce((best, one) => (one.ms > best.ms ? one : best), { part: undefined, ms: 0 } as {
      part: Part | undefined;
      ms: number;
    });
    const isAny = most.part !== undefined && 2 * most.ms * BAR_COLUMNS >= axis.ms / BAR_COLUMNS;
    return isAny && most.part !== undefined ? signOf(most.part.name) : ' ';
  });
  if (bar.trim() !== '') return bar;
  const at = Math.min(BAR_COLUMNS - 1, Math.floor(((startMs - axis.startMs) / axis.ms) * BAR_COLUMNS));
  return `${' '.repeat(at)}|`.padEnd(BAR_COLUMNS);
};

const fill = (axis: Axis, cellOf: (fromMs: number, toMs: number) => string): string =>
  Array.from({ length: BAR_COLUMNS }, (_, i) => {
    const at = (cell: number): number => axis.startMs + (axis.ms * cell) / BAR_COLUMNS;
    return cellOf(at(i), at(i + 1));
  }).join('');

const signOf = (name: string): string => SIGNS[name] ?? WORK_SIGN;

const joinRow = (name: string, bar: string, took: string, before: string): string =>
  `${name.slice(0, NAME_COLUMNS).padEnd(NAME_COLUMNS)} ${bar}${took.padStart(TIME_COLUMNS)}${before.padStart(TIME_COLUMNS)}`.trimEnd();

/** The signs that are used. */
const drawLegend = (lanes: readonly Lane[]): readonly string[] => {
  const used = new Set(lanes.flatMap(({ parts }) => parts.map(({ name }) => name)));
  const known = Object.entries(SIGNS).flatMap(([name, sign]) => (used.has(name) ? `${sign} ${name}` : []));
  return wrap([...known, `${WORK_SIGN} work of a function`], MOST_COLUMNS, '   ');
};

const wrap = (words: readonly string[], columns: number, between: string): readonly string[] => {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + between.length + word.length <= columns)
      lines[lines.length - 1] = `${last}${between}${word}`;
    else lines.push(word);
  }
  return lines;
};

/** Sentences about what the picture does not say. */
export const tellWaterfall = (waterfall: Waterfall): readonly string[] => {
  const { coldStarts, coldStartMs, queueMs } = sumWaits(waterfall);
  const slice = slowestSlice(waterfall);
  const page = slowestPage(waterfall);
  const statement = waterfall.lanes.find(({ machine }) => machine === 'warehouse');
  return [
    ...(slice === undefined
      ? []
      : [`slowest slice ${slice.slice}, ${toDuration(msOf(slice))}: ${tellParts(slice)}`]),
    ...(page === undefined ? [] : [`slowest page: ${page.place}, ${toDuration(page.ms)}`]),
    ...(statement === undefined
      ? []
      : [`warehouse, ${toDuration(msOf(statement))}: ${tellParts(statement)}`]),
    `cold starts: ${coldStarts}, ${toDuration(coldStartMs)} together; queue: ${toDuration(queueMs)} together`,
    ...waterfall.missing.map((machine) => `of ${machine} no trace is kept`),
  ].flatMap((sentence) => wrap(sentence.split(' '), MOST_COLUMNS, ' '));
};

/** `read 1.2 s, parse 800 ms`: the longest first. */
export const tellParts = ({ parts }: Pick<Lane, 'parts'>, most = 6): string =>
  sumParts(parts)
    .filter(({ ms }) => ms >= 1)
    .slice(0, most)
    .map(({ name, ms }) => `${name} ${toDuration(ms)}`)
    .join(', ');
