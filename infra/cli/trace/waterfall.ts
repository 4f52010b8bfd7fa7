import type { BatchTraces } from '../../../handlers/operate/find-batch-traces.ts';
import type { Segment } from '../../local/xray/segment.ts';
import { type ExecutionLanes, type Lane, toLanes, toStatementLanes } from './lanes.ts';
import { COLD_START, type Part, QUEUE, sumParts } from './tiles.ts';

/** Answers the documents of each trace that is kept. */
export type ReadTraces = (traceIds: readonly string[]) => Promise<readonly (readonly Segment[])[]>;

/** All that was traced of a batch, on one axis. Times are epoch milliseconds. */
export interface Waterfall {
  readonly startMs: number;
  readonly endMs: number;
  readonly executions: readonly ExecutionLanes[];
  /** Of all executions and of the warehouse, as they began. */
  readonly lanes: readonly Lane[];
  /** Machines that the batch went through and of which no trace is kept. */
  readonly missing: readonly string[];
}

/** Reads the traces of a batch. */
export const readWaterfall = async ({ traces, state }: BatchTraces, read: ReadTraces): Promise<Waterfall> => {
  const executions: ExecutionLanes[] = [];
  const statements: Lane[] = [];
  for (const [machine, ids] of Object.entries(traces)) {
    for (const documents of await read(ids)) {
      executions.push(...toLanes(machine, documents));
      if (machine === 'SettleLoad') statements.push(...toStatementLanes(documents));
    }
  }
  const wentThrough = state === 'loaded' ? Object.keys(traces) : ['Extract'];
  return toWaterfall(
    executions,
    statements,
    wentThrough.filter((machine) => !executions.some((one) => one.machine === machine)),
  );
};

export const toWaterfall = (
  executions: readonly ExecutionLanes[],
  statements: readonly Lane[],
  missing: readonly string[] = [],
): Waterfall => {
  const begun = executions.toSorted((a, b) => a.startMs - b.startMs);
  // An end that was told twice has one statement.
  const once = new Map(statements.map((lane) => [lane.startMs, lane]));
  const lanes = [...begun.flatMap((one) => one.lanes), ...once.values()];
  const spans = [...begun, ...lanes];
  return {
    startMs: spans.length === 0 ? 0 : Math.min(...spans.map(({ startMs }) => startMs)),
    endMs: spans.length === 0 ? 0 : Math.max(...spans.map(({ endMs }) => endMs)),
    executions: begun,
    lanes: lanes.toSorted((a, b) => a.startMs - b.startMs || (a.slice ?? -1) - (b.slice ?? -1)),
    missing,
  };
};

export const msOf = ({ startMs, endMs }: Pick<Part, 'startMs' | 'endMs'>): number => endMs - startMs;

/** What joins a lane with its like in another batch's waterfall. */
export const laneKey = ({ machine, state, slice }: Pick<Lane, 'machine' | 'state' | 'slice'>): string =>
  [machine, state, slice ?? ''].join(' ');

/** The time of the lanes of each name, over all executions of the batch. */
export const sumLanes = ({ lanes }: Waterfall): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const lane of lanes) sums.set(laneKey(lane), (sums.get(laneKey(lane)) ?? 0) + msOf(lane));
  return sums;
};

export const slowestSlice = ({ lanes }: Waterfall): Lane | undefined =>
  lanes.filter(({ slice }) => slice !== undefined).toSorted((a, b) => msOf(b) - msOf(a))[0];

export const slowestPage = ({ lanes }: Waterfall): Lane['slowestPage'] =>
  lanes.flatMap((lane) => lane.slowestPage ?? []).toSorted((a, b) => b.ms - a.ms)[0];

/** What was waited for outside of any work of ours, and how many functions started cold. */
export const sumWaits = ({ lanes }: Waterfall) => {
  const parts = lanes.flatMap((lane) => lane.parts);
  const ms = (name: string): number => sumParts(parts).find((one) => one.name === name)?.ms ?? 0;
  return {
    coldStarts: lanes.filter((lane) => lane.parts.some(({ name }) => name === COLD_START)).length,
    coldStartMs: ms(COLD_START),
    queueMs: ms(QUEUE),
  };
};
