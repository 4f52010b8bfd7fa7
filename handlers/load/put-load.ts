import { InvalidInput } from '../../shared/errors.ts';
import { countBatches } from '../../shared/state/events.ts';
import { toDateFolder, toKey } from '../../shared/state/keys.ts';
import { toThread } from '../../shared/state/load-name.ts';
import type { PlanLoadOutput } from '../../shared/state/messages.ts';
import { type BatchRecord, loadRecord } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { putRecord } from '../records.ts';
import { toTraceMark } from '../trace-mark.ts';
import type { Gathering } from './gathering.ts';
import type { Load } from './load-records.ts';

export interface Candidate {
  readonly key: string;
  readonly record: BatchRecord;
}

interface Choice {
  readonly chosen: readonly Candidate[];
  readonly suspects: readonly Candidate[];
  readonly newest: Load | undefined;
  readonly gathering: Gathering | undefined;
  readonly sealedUntilMs: number | undefined;
}

export interface PutLoadDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly invocation: string;
  readonly tracer?: Pick<Tracer, 'traceId'> | undefined;
  readonly execution: string;
}

export const idle = (feed: string, reason: string) => ({ outcome: 'idle', feed, reason }) as const;

/** Puts the record of a load, or finds that another execution has planned it. */
export const putLoad = async (
  { chosen, suspects, newest, gathering, sealedUntilMs }: Choice,
  { records, clock, invocation, tracer, execution }: PutLoadDeps,
): Promise<PlanLoadOutput> => {
  const [oldest] = chosen;
  if (oldest === undefined) throw new InvalidInput('a load has no batch, allowed 1 and more');
  const { feed, contract } = oldest.record;
  // Never before the newest load's day, so that names sort as loads follow each other.
  const today = toDateFolder(clock.now());
  const date = newest !== undefined && newest.name.date > today ? newest.name.date : today;
  const load = newest?.name.date === date ? newest.name.load + 1 : 1;
  const name = { feed, date, load };
  const record = await putRecord(
    records,
    toKey({ kind: 'load', ...name }),
    {
      feed,
      load,
      invocation,
      ...toTraceMark(tracer?.traceId()),
      execution,
      contract,
      batches: chosen.map(({ key, record }) => ({ batch: record.batch, key, seal: record.seal })),
      ...(suspects.length === 0 ? {} : { suspects: suspects.map(({ record }) => record.batch) }),
      ...(sealedUntilMs === undefined ? {} : { sealedUntil: new Date(sealedUntilMs).toISOString() }),
      ...(gathering === undefined ? {} : { burstFrom: new Date(gathering.fromMs).toISOString() }),
      counts: countBatches((contract.swaps === undefined ? chosen : [oldest]).map(({ record }) => record)),
      plannedAt: new Date(clock.now()).toISOString(),
    },
    loadRecord,
  );
  return record.execution === execution
    ? { outcome: 'planned', thread: toThread(name, 1) }
    : idle(feed, `load ${load} was planned by another execution`);
};
