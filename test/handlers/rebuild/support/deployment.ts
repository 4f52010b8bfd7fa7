import { describeLoad } from '../../../../handlers/load/describe-load.ts';
import { markLoaded } from '../../../../handlers/load/mark-loaded.ts';
import { parkLoad } from '../../../../handlers/load/park-load.ts';
import { planLoad } from '../../../../handlers/load/plan-load.ts';
import { planRebuild, type RebuildDeps, startRebuild } from '../../../../handlers/operate/rebuild-table.ts';
import type { RecordStore } from '../../../../handlers/ports/record-store.ts';
import type { Warehouse } from '../../../../handlers/ports/warehouse.ts';
import { continueRebuild } from '../../../../handlers/sweep/continue-rebuild.ts';
import { settleLoads } from '../../../../handlers/sweep/settle-loads.ts';
import type { SweepDeps } from '../../../../handlers/sweep/sweep-deps.ts';
import { openCsvFile } from '../../../../shared/csv/csv-file.ts';
import type { Feed } from '../../../../shared/model/feed.ts';
import { withRecordHash } from '../../../../shared/model/record-hash.ts';
import { toStatementName } from '../../../../shared/state/load-name.ts';
import type { ExtractTrigger, LoadThread } from '../../../../shared/state/messages.ts';
import { manualClock } from '../../../fakes/manual-clock.ts';
import { type MemoryObject, memoryInventory } from '../../../fakes/memory-inventory.ts';
import { memoryMetrics } from '../../../fakes/memory-metrics.ts';
import { memoryObjectStreams } from '../../../fakes/memory-object-streams.ts';
import { memoryRecordStore } from '../../../fakes/memory-record-store.ts';
import { noPlace } from '../../../fakes/no-place.ts';
import type { ObjectsServer } from '../../../infra/local/redshift/objects-server.ts';
import { execute } from '../../extract/world.ts';
import { submitPrepared } from '../../load/support/world.ts';

/** A whole deployment in small, on the embedded warehouse: Extract, Load, SettleLoad and Sweep by their use cases, which may die at any call. */

/** All that ran is gone, and so are the events that nobody took. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

const TAKEN = ['Continue', 'LoadNext', 'Settle'];

type Event = { readonly type: string; readonly detail: Readonly<Record<string, unknown>> };

export interface DeploymentOptions {
  readonly warehouse: Warehouse;
  readonly s3: ObjectsServer;
  readonly nowMs: number;
  /** The document that a source over HTTP answers. */
  readonly answer?: (url: URL) => string;
}

export const toDeployed = (feed: Feed): Feed => ({ ...feed, contract: withRecordHash(feed.contract) });

export const deployIn = ({ warehouse, s3, nowMs, answer = () => '<items/>' }: DeploymentOptions) => {
  const clock = manualClock(nowMs);
  const memory = memoryRecordStore();
  const streams = memoryObjectStreams();
  const landed = new Map<string, MemoryObject>();
  const { signal } = new AbortController();
  let [left, moments, invocations] = [Number.POSITIVE_INFINITY, 0, 0];
  let feed: Feed | undefined;
  let queue: Event[] = [];

  const meet = (): void => {
    moments += 1;
    left -= 1;
    if (left <= 0) throw new Killed(`killed at moment ${moments}`);
  };
  const mortal =
    <A extends readonly unknown[], R>(of: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      meet();
      const answered = await of(...args);
      meet(); // its effect stands, and nobody heard of it
      return answered;
    };
  const records: RecordStore = {
    read: mortal(memory.read),
    putIfAbsent: mortal(async (key: string, text: string) => {
      const existing = await memory.putIfAbsent(key, text);
      if (existing === undefined) s3.put(key, text);
      return existing;
    }),
    remove: mortal(memory.remove),
    list: mortal(memory.list),
  };
  const mortalWarehouse: Warehouse = {
    submit: mortal(warehouse.submit),
    describe: mortal(warehouse.describe),
    cancel: mortal(warehouse.cancel),
    execute: mortal(warehouse.execute),
  };
  const inventory = memoryInventory(landed);
  const deps = () => {
    invocations += 1;
    return {
      ...{
        records,
        warehouse: mortalWarehouse,
        clock,
        signal,
        inventory,
        where: noPlace,
        metrics: memoryMetrics(),
      },
      ...{ bucket: 'bucket', database: 'dev', copyRole: 'arn:aws:iam::123456789012:role/copy' },
      target: { workgroupName: 'local', database: 'dev' },
      statementPrefix: 'millrace/',
      feeds: feed === undefined ? {} : { [feed.feed]: feed },
      ...{ inFlight: new Map(), gathering: new Map(), pending: new Map() },
      invocation: `invocation-${nowMs}-${invocations}`,
      events: {
        put: mortal(async (type: string, detail: Event['detail']) => {
          queue.push({ type, detail });
        }),
      },
    };
  };
  const deployed = (): Feed => {
    if (feed === undefined) throw new Error('nothing is deployed');
    return feed;
  };

  const source = {
    open: async ({ url }: { readonly url: string }) => ({
      url,
      header: () => undefined,
      charset: undefined,
      body: (async function* () {
        yield Buffer.from(answer(new URL(url)));
      })(),
    }),
    readClock: async () => undefined,
  };
  const uploading = {
    ...streams,
    upload: async (...args: Parameters<typeof streams.upload>) => {
      const uploaded = await streams.upload(...args);
      s3.put(args[0], streams.objects.get(args[0]) ?? Buffer.alloc(0));
      memory.entries.set(args[0], ''); // so that it is listed
      return uploaded;
    },
  };

  const extract = async (trigger: ExtractTrigger): Promise<void> => {
    const world = { feed: deployed(), records, streams: uploading, source, clock, openCsvFile };
    const { next, error } = await execute(world, trigger, { id: `execution-${nowMs}-${invocations++}` });
    if (error instanceof Killed) throw error;
    queue.push({ type: 'LoadNext', detail: { feed: deployed().feed } });
    if (next !== undefined && 'detail' in next)
      queue.push({ type: 'Continue', detail: next.detail as Event['detail'] });
  };

  const submit = async (thread: LoadThread): Promise<void> => {
    const { statementId } = await submitPrepared(thread, deps());
    await settle(statementId, toStatementName({ prefix: 'millrace/', thread }));
  };

  const settle = async (statementId: string, statementName: string): Promise<void> => {
    if (statementId === 'settled') return;
    while ((await warehouse.describe(statementId))?.status === 'running')
      await new Promise((on) => setTimeout(on, 5));
    const detail = { statementId, statementName };
    const described = await describeLoad({ trigger: { source: 'millrace', detail } }, deps());
    if (described.outcome === 'ignored') return;
    if (described.outcome === 'retry') return submit(described.thread);
    if (described.outcome === 'finished') {
      await markLoaded({ thread: described.thread }, deps());
      queue.push({ type: 'LoadNext', detail: { feed: deployed().feed } });
      return;
    }
    const { outcome: _, ...failed } = described;
    await park(failed);
  };

  const park = async (failed: Parameters<typeof parkLoad>[0]): Promise<void> => {
    const { outcome } = await parkLoad(failed, deps());
    if (outcome === 'isolate' || outcome === 'parked')
      queue.push({ type: 'LoadNext', detail: { feed: deployed().feed } });
  };

  const load = async (detail: Event['detail']): Promise<void> => {
    const trigger = {
      source: 'millrace' as const,
      'detail-type': 'LoadNext' as const,
      detail: { feed: String(detail.feed) },
    };
    const execution = { id: `load-${nowMs}-${invocations++}`, startTime: '2026-11-23T12:00:00Z' };
    const planned = await planLoad({ trigger, execution }, deps());
    if (planned.outcome === 'idle') {
      if (planned.waitSeconds === undefined) return;
      await clock.advance(planned.waitSeconds * 1000);
      return load(detail);
    }
    await submit(planned.thread).catch(async (error: unknown) => {
      if (!(error instanceof Error) || error instanceof Killed) throw error;
      await park({
        thread: planned.thread,
        culprits: [],
        isDataError: false,
        error: {
          Error: error.name,
          Cause: JSON.stringify({ errorType: error.name, errorMessage: error.message }),
        },
      });
    });
  };

  /** Takes events until there are none; at most so many, for what would never end. */
  const drain = async (): Promise<void> => {
    for (let taken = 0; queue.length > 0; taken += 1) {
      if (taken > 500) throw new Error(`the events do not end: ${JSON.stringify(queue[0])}`);
      const [event, ...others] = queue;
      queue = others;
      if (event === undefined) return;
      if (!TAKEN.includes(event.type)) continue; // for people
      if (event.type === 'LoadNext') await load(event.detail);
      else if (event.type === 'Settle')
        await settle(String(event.detail.statementId), String(event.detail.statementName));
      else
        await extract({
          source: 'millrace',
          'detail-type': 'Continue',
          detail: event.detail,
        } as unknown as ExtractTrigger);
    }
  };

  /** Does some work and all that follows of it. What dies in it takes every event along; gives whether it lived. */
  const live = async (work: () => Promise<void>, atMost = Number.POSITIVE_INFINITY): Promise<boolean> => {
    left = atMost + 1;
    try {
      await work();
      await drain();
      return true;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      queue = [];
      return false;
    } finally {
      left = Number.POSITIVE_INFINITY;
    }
  };

  const rebuild = async (table: string): Promise<void> => {
    const of: RebuildDeps = deps();
    const plan = await planRebuild(deployed(), table, deps().feeds, of);
    await startRebuild(plan, of);
  };

  return {
    ...{
      clock,
      entries: memory.entries,
      landed,
      streams,
      live,
      deps,
      rebuild: (table: string) => () => rebuild(table),
    },
    deploy: (next: Feed): void => {
      feed = toDeployed(next);
    },
    /** Fires the schedule. */
    schedule: (scheduledTime: string) => () => extract({ feed: deployed().feed, scheduledTime }),
    /** Puts an object, and tells of it. */
    land: (key: string, versionId: string, text: string) => async (): Promise<void> => {
      const lastModifiedMs = clock.now();
      streams.land({ bucket: 'bucket', key, versionId }, text, lastModifiedMs);
      landed.set(key, { lastModifiedMs, versionId });
      const detail = { bucket: { name: 'bucket' }, object: { key, 'version-id': versionId } };
      await extract({ source: 'aws.s3', 'detail-type': 'Object Created', detail });
    },
    /** What the sweep does of the feed, when everything is old. */
    sweep: async (): Promise<void> => {
      await clock.advance(20 * 60_000);
      const of: SweepDeps = deps();
      await settleLoads(deployed().feed, deployed(), of);
      await continueRebuild(deployed(), of);
    },
    query: (sql: string) => warehouse.execute(sql, signal),
    /** Moments at which something could have died so far. */
    moments: (): number => moments,
  };
};
