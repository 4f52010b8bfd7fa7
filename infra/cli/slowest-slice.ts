import { join } from 'node:path';
import type { SegmentDocument } from '../local/xray/segment.ts';
import { openTraceStore } from '../local/xray/trace-store.ts';
import { type Terminal, toDuration } from './terminal.ts';

/** Where one slice's time went; seconds. */
export interface SliceTime {
  readonly feed: string;
  readonly slice: string;
  readonly seconds: number;
  readonly parts: readonly { readonly name: string; readonly seconds: number }[];
}

/** The step that took longest: the outermost subsegment that is annotated with a slice, and the phases below it, added up by name. */
export const toSlowestSlice = (documents: readonly SegmentDocument[]): SliceTime | undefined => {
  const all = documents.flatMap(flatten);
  const annotated = all.filter(({ annotations }) => annotations?.slice !== undefined);
  const ids = new Set(annotated.map(({ id }) => id));
  const slices = annotated.filter(({ parent_id }) => !ids.has(parent_id ?? ''));
  const slowest = slices.reduce<SegmentDocument | undefined>(
    (best, one) => (best === undefined || secondsOf(one) > secondsOf(best) ? one : best),
    undefined,
  );
  if (slowest === undefined) return undefined;
  const parts = new Map<string, number>();
  for (const part of all.filter(({ parent_id }) => parent_id === slowest.id)) {
    parts.set(part.name, (parts.get(part.name) ?? 0) + secondsOf(part));
  }
  return {
    feed: String(slowest.annotations?.feed ?? ''),
    slice: String(slowest.annotations?.slice),
    seconds: secondsOf(slowest),
    parts: [...parts].map(([name, seconds]) => ({ name, seconds })),
  };
};

const secondsOf = ({ start_time, end_time }: SegmentDocument): number =>
  (end_time ?? start_time) - start_time;

/** A document and all below it; what is nested names its parent then, as what is sent apart does. */
const flatten = (document: SegmentDocument): readonly SegmentDocument[] => [
  document,
  ...(document.subsegments ?? []).flatMap((child) => flatten({ ...child, parent_id: document.id })),
];

/** The newest traces; the demo's are among them. */
const TRACES_READ = 100;

const readTraces = (data: string): readonly SegmentDocument[] => {
  const store = openTraceStore(join(data, 'traces'));
  return store.list().slice(-TRACES_READ).flatMap(store.read);
};

const BAR = 24;

/** Prints where the slowest slice's time went. */
export const showSlowestSlice = (terminal: Terminal, data: string): void => {
  const slowest = toSlowestSlice(readTraces(data));
  if (slowest === undefined) return;
  const { accent, dim } = terminal.style;
  const what = `${slowest.feed} slice ${slowest.slice}, ${toDuration(slowest.seconds * 1000)}`;
  terminal.line();
  terminal.line(`  where the slowest slice's time went ${dim(`(${what})`)}`);
  for (const { name, seconds } of slowest.parts) {
    const bar = '█'.repeat(Math.max(1, Math.round((seconds / slowest.seconds) * BAR)));
    terminal.line(`    ${name.padEnd(16)} ${toDuration(seconds * 1000).padStart(8)}  ${accent(bar)}`);
  }
};
