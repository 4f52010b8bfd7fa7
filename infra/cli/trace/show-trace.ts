import { findBatchTraces, findDayBefore } from '../../../handlers/operate/find-batch-traces.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { type CommandIo, EXIT } from '../command-io.ts';
import { toDuration } from '../terminal.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import { type Compared, drawWaterfall, tellWaterfall } from './draw.ts';
import { findBatch } from './find-batch.ts';
import { msOf, type ReadTraces, readWaterfall, slowestPage, sumWaits, type Waterfall } from './waterfall.ts';

/** What a trace is read of. */
export interface TracedDeployment {
  readonly records: RecordStore;
  readonly readTraces: ReadTraces;
  close(): Promise<void>;
}

export type OpenTraced = (args: VerbArguments, io: CommandIo) => Promise<TracedDeployment>;

/** `millrace trace BATCH`. Exit status 1 where the batch is parked, or nothing of it was traced. */
export const showTrace = async (args: VerbArguments, io: CommandIo, open: OpenTraced): Promise<number> => {
  const deployment = await open(args, io);
  try {
    const found = await findBatch(args, deployment.records);
    const waterfall = await readWaterfall(found, deployment.readTraces);
    const before = await readBefore(found, deployment);
    const { feed, batch, state } = found;
    const isFound = waterfall.executions.length > 0;
    if (args.flags.has('json')) {
      const document = { feed, batch, state, ...toDocument(waterfall), before: toBefore(before) };
      io.stdout.write(`${JSON.stringify(document)}\n`);
    } else {
      const head = `${feed} ${batch}, ${state}: ${toDuration(msOf(waterfall))}${tellBefore(before)}`;
      const none = [
        'no trace of it is kept: the local cloud keeps the newest 2,000, X-Ray 30 days; its log lines: npx millrace logs',
      ];
      const lines = isFound
        ? [head, '', ...drawWaterfall(waterfall, before), '', ...tellWaterfall(waterfall)]
        : [head.replace(/:.*/, ''), ...none];
      io.stdout.write(`${lines.join('\n')}\n`);
    }
    return isFound && state !== 'parked' ? EXIT.done : EXIT.failed;
  } finally {
    await deployment.close();
  }
};

const readBefore = async (
  of: { readonly feed: string; readonly batch: string },
  { records, readTraces }: TracedDeployment,
): Promise<Compared | undefined> => {
  const batch = await findDayBefore(of, records);
  const found = batch === undefined ? undefined : await findBatchTraces(of.feed, batch, records);
  if (found === undefined) return undefined;
  const waterfall = await readWaterfall(found, readTraces);
  return waterfall.executions.length === 0 ? undefined : { batch: found.batch, waterfall };
};

const tellBefore = (before: Compared | undefined): string =>
  before === undefined
    ? '; no batch of the day before to compare with'
    : `; the day before ${before.batch}: ${toDuration(msOf(before.waterfall))}`;

const toBefore = (before: Compared | undefined) =>
  before === undefined ? null : { batch: before.batch, ...toDocument(before.waterfall) };

/** As `--json` prints it: times in ISO 8601 and milliseconds from the start. */
const toDocument = (waterfall: Waterfall) => {
  const { startMs, executions, lanes, missing } = waterfall;
  const span = (of: { readonly startMs: number; readonly endMs: number }) => ({
    fromMs: Math.round(of.startMs - startMs),
    toMs: Math.round(of.endMs - startMs),
  });
  return {
    start: executions.length === 0 ? null : new Date(startMs).toISOString(),
    ms: Math.round(msOf(waterfall)),
    executions: executions.map(({ machine, traceId, isFailed, ...of }) => ({
      ...{ machine, traceId, failed: isFailed },
      ...span(of),
    })),
    lanes: lanes.map(({ machine, state, slice, isFailed, parts, ...of }) => ({
      ...{ machine, state, slice, failed: isFailed },
      ...span(of),
      parts: parts.map(({ name, ...part }) => ({ name, ...span(part) })),
    })),
    slowestPage: slowestPage(waterfall) ?? null,
    ...sumWaits(waterfall),
    missing,
  };
};
