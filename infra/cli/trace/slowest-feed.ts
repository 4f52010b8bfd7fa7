import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Segment } from '../../local/xray/segment.ts';
import { openTraceStore } from '../../local/xray/trace-store.ts';
import { buildTrace, walkTrace } from '../../local/xray/trace-tree.ts';
import { type Terminal, toDuration } from '../terminal.ts';
import { tellParts } from './draw.ts';
import { type ExecutionLanes, type Lane, toLanes, toStatementLanes } from './lanes.ts';
import { msOf, slowestSlice, toWaterfall, type Waterfall } from './waterfall.ts';

/** The feed that took longest, from its first execution to its last. */
export interface SlowestFeed {
  readonly feed: string;
  /** The batch of its slowest slice. */
  readonly batch: string | undefined;
  readonly waterfall: Waterfall;
}

const MACHINES = /SettleLoad|Extract|Load/;

/** Finds it among traces, each by its documents; undefined where none is of a feed. */
export const toSlowestFeed = (traces: readonly (readonly Segment[])[]): SlowestFeed | undefined => {
  const feeds = Map.groupBy(traces.flatMap(readTrace), ({ feed }) => feed);
  const all = [...feeds].map(([feed, of]) => {
    const waterfall = toWaterfall(
      of.flatMap(({ executions }) => executions),
      of.flatMap(({ statements }) => statements),
    );
    const slowest = of.toSorted((a, b) => longestSlice(b.executions) - longestSlice(a.executions))[0];
    return { feed, batch: slowest?.batch, waterfall };
  });
  return all.toSorted((a, b) => msOf(b.waterfall) - msOf(a.waterfall))[0];
};

interface FeedTrace {
  readonly feed: string;
  readonly batch: string | undefined;
  readonly executions: readonly ExecutionLanes[];
  readonly statements: readonly Lane[];
}

const readTrace = (documents: readonly Segment[]): readonly FeedTrace[] => {
  const roots = buildTrace(documents);
  const machine = MACHINES.exec(roots[0]?.name ?? '')?.[0];
  const annotations = roots.flatMap(walkTrace).map((node) => node.annotations);
  const [feed, batch] = ['feed', 'batch'].map(
    (key) => annotations.find((one) => one[key] !== undefined)?.[key],
  );
  if (machine === undefined || feed === undefined) return [];
  return [
    {
      feed: String(feed),
      batch: batch === undefined ? undefined : String(batch),
      executions: toLanes(machine, documents),
      statements: machine === 'SettleLoad' ? toStatementLanes(documents) : [],
    },
  ];
};

const longestSlice = (executions: readonly ExecutionLanes[]): number =>
  Math.max(
    -1,
    ...executions.flatMap(({ lanes }) =>
      lanes.flatMap((lane) => (lane.slice === undefined ? [] : msOf(lane))),
    ),
  );

const BAR_COLUMNS = 24;

/** Traces that are looked at, the newest. */
const MOST_TRACES = 500;

/** Prints where the time of the slowest feed went, of what was traced in a data folder since a time in epoch milliseconds. */
export const showSlowestFeed = (
  terminal: Terminal,
  { data, sinceMs, options }: { readonly data: string; readonly sinceMs: number; readonly options: string },
): void => {
  const folder = join(data, 'traces');
  if (!existsSync(folder)) return;
  const store = openTraceStore(folder);
  const ids = store.list().filter((id) => Number.parseInt(id.slice(2, 10), 16) >= Math.floor(sinceMs / 1000));
  const slowest = toSlowestFeed(ids.slice(-MOST_TRACES).map(store.read));
  if (slowest !== undefined) for (const line of tellSlowestFeed(slowest, options)) terminal.line(line);
};

/** The lines of that, plain text. */
export const tellSlowestFeed = (
  { feed, batch, waterfall }: SlowestFeed,
  options: string,
): readonly string[] => {
  const { executions, lanes } = waterfall;
  const all = [
    ...executions.map(({ machine, ...span }) => ({ name: machine, ms: msOf(span) })),
    ...lanes
      .filter(({ machine }) => machine === 'warehouse')
      .map((lane) => ({ name: 'warehouse', ms: msOf(lane) })),
  ];
  const sums = [...Map.groupBy(all, ({ name }) => name)].map(([name, of]) => ({
    name,
    ms: of.reduce((sum, { ms }) => sum + ms, 0),
  }));
  const most = Math.max(1, ...sums.map(({ ms }) => ms));
  const slice = slowestSlice(waterfall);
  return [
    '',
    `  where the time went (${feed}, the slowest feed, ${toDuration(msOf(waterfall))})`,
    ...sums.flatMap(({ name, ms }) => [
      `    ${name.padEnd(12)} ${toDuration(ms).padStart(9)}  ${'█'.repeat(Math.max(1, Math.round((ms / most) * BAR_COLUMNS)))}`,
      ...(name === 'Extract' && slice !== undefined
        ? [
            `      slice ${String(slice.slice).padEnd(5)}${toDuration(msOf(slice)).padStart(9)}  ${tellParts(slice, 3)}`,
          ]
        : []),
    ]),
    ...(batch === undefined ? [] : [`    all of it: npx millrace trace ${batch} --feed ${feed}${options}`]),
  ];
};
