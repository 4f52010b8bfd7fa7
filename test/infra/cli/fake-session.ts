import { Readable } from 'node:stream';
import { expect } from 'vitest';
import type { InventoryVersion } from '../../../handlers/ports/object-inventory.ts';
import type { QueryRows } from '../../../handlers/ports/warehouse-query.ts';
import type { RunningCloud } from '../../../infra/cli/deployment/running-cloud.ts';
import type { SessionParts } from '../../../infra/cli/session.ts';
import type { StatementTimes } from '../../../infra/cli/wake-ups.ts';
import { type Clock, virtualClock } from '../../../infra/local/clock.ts';
import type { CloudProgress, ExecutionRecord, LocalCloud } from '../../../infra/local/local-cloud.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import type { BatchRecord } from '../../../shared/state/records.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';

/** What a fake cloud is told to do, and what was asked of it. */
export interface FakeWorld {
  readonly objects: Map<string, string>;
  readonly executions: ExecutionRecord[];
  readonly asked: string[];
  /** The local S3's, by which objects are older or newer. */
  readonly clock: Clock;
  /** When each object counts as put: epoch milliseconds in whole seconds, as S3 says it. */
  readonly lastModified: Map<string, number>;
  /** The versions of landed keys, newest first. */
  readonly versions: Map<string, readonly Omit<InventoryVersion, 'key'>[]>;
  /** What happened to the data folder, in order. */
  readonly folder: string[];
  /** Runs when the cloud is waited for: what its executions would do. */
  work: () => void;
  ledger: (string | null)[][];
  /** What the warehouse was asked for. */
  statements: readonly StatementTimes[];
  /** How the cloud fails, if it does. */
  readonly failure: PromiseWithResolvers<Error>;
  /** Tells the command what the cloud does. */
  progress: (progress: CloudProgress) => void;
  isServing: boolean;
  isClosed: boolean;
}

export const fakeWorld = (): FakeWorld => ({
  objects: new Map(),
  executions: [],
  asked: [],
  clock: virtualClock(Date.parse('2026-01-15T08:00:00.700Z')),
  lastModified: new Map(),
  versions: new Map(),
  folder: [],
  work: () => undefined,
  ledger: [],
  statements: [],
  failure: Promise.withResolvers(),
  progress: () => undefined,
  isServing: false,
  isClosed: false,
});

/** The parts of a session over a world in memory. */
export const fakeParts = (world: FakeWorld, feeds: readonly Feed[]): SessionParts => ({
  clock: world.clock,
  readFeeds: async () => feeds,
  lockFolder: (data) => {
    world.folder.push(`lock ${data}`);
    return { release: () => world.folder.push('unlock') };
  },
  synthesize: async () => {
    world.folder.push('synthesize');
    return '/assembly';
  },
  startCloud: async ({ isLocked, onProgress }) => {
    world.progress = onProgress ?? world.progress;
    world.folder.push(isLocked === true ? 'start' : 'start unlocked');
    return fakeCloud(world, feeds);
  },
  openCloud: async () => fakeDeployment(world),
});

const SCHEDULE = { expression: 'rate(1 hour)', timeZone: 'UTC', isEnabled: true };
const endpoint = 'http://127.0.0.1:1';
const fakeCloud = (world: FakeWorld, feeds: readonly Feed[]): LocalCloud => ({
  endpoints: {
    s3: endpoint,
    redshiftData: endpoint,
    eventBridge: endpoint,
    secretsManager: endpoint,
    refusing: endpoint,
    xray: '127.0.0.1:1',
  },
  buckets: ['state'],
  schedules: () => [
    ...feeds
      .filter(({ load }) => load?.everyMs !== undefined)
      .map(({ feed }) => ({
        ...SCHEDULE,
        name: `loads-of-${feed}`,
        machine: 'Load',
        input: JSON.stringify({ source: 'millrace', 'detail-type': 'LoadDue', detail: { feed } }),
      })),
    ...feeds
      .filter(({ schedule }) => schedule !== undefined)
      .map(({ feed }) => ({
        ...SCHEDULE,
        name: `schedule-of-${feed}`,
        machine: 'Extract',
        input: JSON.stringify({ feed, scheduledTime: '<aws.scheduler.scheduled-time>' }),
      })),
  ],
  fireSchedule: async (name, at) => {
    world.asked.push(`fire ${name} ${at.toISOString()}`);
    return ['1'];
  },
  putEvent: async ({ detailType, detail }) => {
    world.asked.push(`event ${detailType} ${JSON.stringify(detail)}`);
  },
  executions: () => world.executions,
  idle: async ({ signal } = {}) => {
    signal?.throwIfAborted();
    world.work();
  },
  failed: world.failure.promise,
  serve: () => {
    world.isServing = true;
  },
  setFaults: () => undefined,
  deploy: async () => {},
  faultService: () => undefined,
  killEnvironment: () => false,
  close: async () => {
    world.folder.push('close');
    world.isClosed = true;
  },
});

const fakeDeployment = (world: FakeWorld): RunningCloud => ({
  options: '',
  records: memoryRecordStore(world.objects),
  inventory: {
    async *list(prefix) {
      for (const key of [...world.objects.keys()].sort())
        if (key.startsWith(prefix)) yield { key, lastModifiedMs: world.lastModified.get(key) ?? 0 };
    },
    async *listVersions(prefix, _, after = '') {
      for (const [key, versions] of world.versions)
        for (const version of key.startsWith(prefix) && key > after ? versions : [])
          yield { key, ...version };
    },
    remove: async (keys) => {
      for (const key of keys) world.objects.delete(key);
    },
    removeVersions: async () => expect.unreachable('the command removes no version'),
  },
  buckets: { read: async () => ({ hasVersions: true, tellsEventBridge: true }) },
  open: async (key) => Readable.from([Buffer.from(world.objects.get(key) ?? '', 'latin1')]),
  query: async (sql) => answer(world, sql),
  warehouse: { execute: async (sql) => answer(world, sql).rows },
  events: memoryEvents(),
  clock: { now: world.clock.now, sleep: async () => undefined },
  readBucket: async () => 'state',
  readFeeds: async () => undefined,
  shore: {
    newestPut: async (prefix) => {
      const times = [...world.lastModified].filter(([key]) => key.startsWith(prefix)).map(([, at]) => at);
      return times.length === 0 ? undefined : Math.max(...times);
    },
    upload: async (key, path, putAt) => {
      world.asked.push(`upload ${key} ${path}`);
      world.lastModified.set(key, Math.floor(Math.min(putAt, world.clock.now()) / 1000) * 1000);
    },
  },
  statements: async (sinceMs) => world.statements.filter(({ createdMs }) => createdMs >= sinceMs),
  close: async () => undefined,
});

const answer = (world: FakeWorld, sql: string): QueryRows => {
  if (sql.includes('"ledger"')) return { columns: [], rows: world.ledger };
  if (sql.startsWith('SELECT COUNT(*)')) return { columns: ['count'], rows: [['7']] };
  return {
    columns: ['table_schema', 'table_name'],
    rows: [
      ['ewm', 'items'],
      ['millrace', 'ledger'],
    ],
  };
};

/** A feed with one table, `ewm.items`. */
export const fakeFeed = (name: string, kind: 'http' | 's3', schedule?: string): Feed => ({
  feed: name,
  source:
    kind === 's3'
      ? { kind, suffixes: ['.xml', '.ts'] }
      : {
          kind,
          url: 'https://jazz.example.com/x',
          params: [],
          headers: [],
          auth: { kind: 'none' },
          concurrency: 4,
          idleTimeoutMs: 60_000,
          trustedHosts: [],
        },
  partitions: [{ name: '', values: {} }],
  ...(schedule !== undefined && { schedule: { expression: schedule } }),
  rejects: { count: 10, percent: 1 },
  onEmpty: 'accept',
  contract: { feed: name, hash: '0', namespaces: {}, tables: [table] },
});

const table = {
  table: 'ewm.items',
  schema: 'ewm',
  name: 'items',
  rows: '/a/b',
  disposition: 'merge' as const,
  key: ['id'],
  sequence: [],
  columns: [],
};

/** A sealed batch of a fake feed. */
export const fakeBatch = (feed: Feed, batch: string, over: Partial<BatchRecord> = {}): BatchRecord => ({
  feed: feed.feed,
  batch,
  seal: 'seal',
  observed: '2026-01-15T08:00:00.000Z',
  contract: feed.contract,
  tables: {},
  records: 5,
  outside: 0,
  rejects: { rows: 1, parts: [] },
  bytes: 1000,
  warnings: ['column x matched nothing'],
  correlation: 'c',
  ...over,
});

/** An execution of Extract for the feed `items` that failed. */
export const failedExecution = (over: Partial<ExecutionRecord>): ExecutionRecord => ({
  id: '9',
  machine: 'Extract',
  name: 'n',
  trigger: 't',
  status: 'FAILED',
  input: '{"feed":"items"}',
  starts: 1,
  ...over,
});
