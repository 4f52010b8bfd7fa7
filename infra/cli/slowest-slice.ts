import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Terminal, toDuration } from './terminal.ts';

/** An X-Ray segment document (docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html), as far as it is read here. */
interface TraceDocument {
  readonly id: string;
  readonly name: string;
  readonly parent_id?: string | undefined;
  readonly start_time: number;
  readonly end_time?: number | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
  readonly subsegments?: readonly TraceDocument[] | undefined;
}

const traceDocument: z.ZodType<TraceDocument> = z.lazy(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    parent_id: z.string().optional(),
    start_time: z.number(),
    end_time: z.number().optional(),
    annotations: z.record(z.string(), z.unknown()).optional(),
    subsegments: z.array(traceDocument).optional(),
  }),
);

/** Where one slice's time went; seconds. */
export interface SliceTime {
  readonly feed: string;
  readonly slice: string;
  readonly seconds: number;
  readonly parts: readonly { readonly name: string; readonly seconds: number }[];
}

/** The step that took longest: the outermost subsegment that is annotated with a slice, and the phases below it, added up by name. */
export const toSlowestSlice = (documents: readonly TraceDocument[]): SliceTime | undefined => {
  const all = documents.flatMap(flatten);
  const annotated = all.filter(({ annotations }) => annotations?.slice !== undefined);
  const ids = new Set(annotated.map(({ id }) => id));
  const slices = annotated.filter(({ parent_id }) => !ids.has(parent_id ?? ''));
  const slowest = slices.reduce<TraceDocument | undefined>(
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

const secondsOf = ({ start_time, end_time }: TraceDocument): number => (end_time ?? start_time) - start_time;

/** A document and all below it; what is nested names its parent then, as what is sent apart does. */
const flatten = (document: TraceDocument): readonly TraceDocument[] => [
  document,
  ...(document.subsegments ?? []).flatMap((child) => flatten({ ...child, parent_id: document.id })),
];

/** Reads the documents that the local X-Ray daemon kept: one a line. */
export const readTraces = async (data: string): Promise<readonly TraceDocument[]> => {
  const folder = join(data, 'traces');
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const documents: TraceDocument[] = [];
  for (const name of names.filter((file) => /\.jsonl?$/.test(file))) {
    for (const line of (await readFile(join(folder, name), 'utf8')).split('\n')) {
      if (line !== '') documents.push(traceDocument.parse(JSON.parse(line)));
    }
  }
  return documents;
};

const BAR = 24;

/** Prints where the slowest slice's time went. */
export const showSlowestSlice = async (terminal: Terminal, data: string): Promise<void> => {
  const slowest = toSlowestSlice(await readTraces(data));
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
