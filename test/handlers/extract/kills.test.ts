import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { removeOrphans } from '../../../handlers/sweep/remove-orphans.ts';
import { mulberry32 } from '../../../infra/local/asl/jsonata.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { PAGING_FORMS } from '../../../shared/source/paging/registry.ts';
import type { ExtractTrigger } from '../../../shared/state/messages.ts';
import { isTurnOf, TURNS } from '../../../shared/state/sweep-turn.ts';
import { type Moment, mortalPorts, newLife } from '../../fakes/mortal-ports.ts';
import { pageXml } from '../../fakes/paged-source.ts';
import { openPlainCsvFile } from '../../fakes/plain-csv-file.ts';
import { toSwept } from './swept-world.ts';
import {
  dropsFeed,
  executeToEnd,
  feedOf,
  keysUnder,
  landed,
  numbers,
  schedule,
  sealedBatches,
  sealedIds,
  TABLES,
  type World,
  worldOf,
} from './world.ts';

/** Rounds of each kind, each with one to three ends; CI says more by MILLRACE_KILLS. */
const ROUNDS = 4 + Number(process.env.MILLRACE_KILLS ?? 2);
/** MILLRACE_SEED repeats a run that failed. */
const SEED = Number(process.env.MILLRACE_SEED ?? Date.now() % 1_000_000);

const PAGES = 4;
const ROWS = 3;
const MINUTE_MS = 60_000;
const LANDED_MS = Date.parse('2026-11-20T08:00:00Z');

/** A record without a number, which is rejected. */
const REJECT = '<workItem><id>none</id><modified>2026-11-02T00:00:00Z</modified></workItem></workitem>';

/** Page n of the partition that a request names, and what leads on from it. */
const pageOf = (url: URL, n: number, next: string | undefined): string => {
  const first = (url.searchParams.get('of') === 'south' ? 1000 : 0) + (n - 1) * ROWS + 1;
  if (n > PAGES) return '<workitem Version="1.0.0"/>';
  const xml = pageXml(first, first + ROWS - 1, next);
  return n === PAGES ? xml.replace('</workitem>', REJECT) : xml;
};

interface Form {
  /** The feed's `next`, and its `body`. */
  readonly feed: string;
  /** The number of the page that a request asks for. */
  pageAt(url: URL, body: string): number;
  /** What the page's `href` says of the next page, or its Link header. */
  next?(url: URL, n: number): string;
  readonly isInHeader?: boolean;
}

const toUrl = (url: URL, n: number): string => {
  const next = new URL(url);
  next.searchParams.set('p', String(n));
  return next.href;
};
const pageParam = (url: URL): number => Number(url.searchParams.get('p') ?? '1');

/** A server of each form of paging. */
const FORMS: Readonly<Record<string, Form>> = {
  url: { feed: 'next: { url: /workitem/@href }', pageAt: pageParam, next: toUrl },
  token: { feed: 'next: { token: /workitem/@href, param: p }', pageAt: pageParam, next: (_, n) => String(n) },
  'token in the body': {
    feed: 'method: POST\n    body: "<ask>${next.token}</ask>"\n    next: { token: /workitem/@href }',
    pageAt: (_, body) => Number(/<ask>(\d*)</.exec(body)?.[1] || '1'),
    next: (_, n) => String(n),
  },
  page: { feed: 'next: { page: p }', pageAt: pageParam },
  offset: {
    feed: `next: { offset: pos, by: ${ROWS} }`,
    pageAt: (url) => Number(url.searchParams.get('pos')) / ROWS + 1,
  },
  header: { feed: 'next: { header: Link }', pageAt: pageParam, next: toUrl, isInHeader: true },
};

/** Takes more than a minute a page, so that an execution has three of a slice, and a slice several steps. */
const sourceOf = (form: Form, onPage: () => void): Source & SourceClock => ({
  readClock: async () => undefined,
  open: async ({ url: asked, body = '' }) => {
    const url = new URL(asked);
    const n = form.pageAt(url, body);
    onPage();
    const next = n < PAGES ? form.next?.(url, n + 1) : undefined;
    const xml = pageOf(url, n, form.isInHeader === true ? undefined : next);
    return {
      url: asked,
      header: () => (form.isInHeader === true && next !== undefined ? `<${next}>; rel="next"` : undefined),
      charset: undefined,
      body: (async function* () {
        yield Buffer.from(xml);
      })(),
    };
  },
});

const httpFeed = (form: Form): Feed =>
  feedOf(
    'items',
    `source:
  http:
    url: http://127.0.0.1:8080/workitem
    params: { of: "\${partition}", from: "\${window.from}" }
    ${form.feed}
partitions: [{ name: north }, { name: south }]
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z }
${TABLES}`,
  );

/** A part file that is full, as one of 256 MiB is, after four rows. */
const openSmallFile: typeof openPlainCsvFile = (options) => {
  const file = openPlainCsvFile(options);
  return Object.defineProperty(file, 'bytes', { get: () => file.rows * 64 * 2 ** 20 });
};

type KillWorld = ReturnType<typeof worldOf<Source & SourceClock>>;

interface Kind {
  open(): KillWorld;
  readonly trigger: ExtractTrigger;
  readonly ids: readonly number[];
  readonly rejects: number;
}

const pagedKind = (form: Form): Kind => ({
  open: () => {
    const world = worldOf(
      httpFeed(form),
      sourceOf(form, () => world.clock.advance(70_000)),
    );
    return world;
  },
  trigger: schedule(),
  ids: [...numbers(PAGES * ROWS), ...numbers(PAGES * ROWS).map((n) => 1000 + n)],
  rejects: 2,
});

const LANDED_IDS = numbers(60);
const DOCUMENT = pageXml(1, LANDED_IDS.length).replace('</workitem>', REJECT);

const landedKind = (bytes: string | Uint8Array, splitBytes?: number): Kind => ({
  open: () => {
    const feed = dropsFeed();
    if (feed.source.kind !== 's3') throw new Error('the feed reads no landed objects');
    const source = splitBytes === undefined ? feed.source : { ...feed.source, splitBytes };
    const nothing: Source & SourceClock = sourceOf(FORMS.url ?? expect.unreachable(), () => {});
    const world = worldOf<Source & SourceClock>({ ...feed, source }, nothing);
    world.streams.land({ bucket: 'bucket', key: 'landing/drops/a.xml', versionId: 'v1' }, bytes, LANDED_MS);
    return world;
  },
  trigger: landed('landing/drops/a.xml'),
  ids: LANDED_IDS,
  rejects: 1,
});

const KINDS: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(Object.entries(FORMS).map(([name, form]) => [`paged by ${name}`, pagedKind(form)])),
  'landed, plain': landedKind(DOCUMENT),
  'landed, gzip': landedKind(gzipSync(DOCUMENT)),
  'landed, in ranges': landedKind(DOCUMENT, 2000),
};

interface Kill {
  /** The how-manieth moment of all invocations it is. */
  readonly at: number;
  readonly moment: Exclude<Moment, 'live'>;
  /** Whether every invocation of the execution ends, or the one that is at this moment. */
  readonly isOfAll: boolean;
}

/** One start, with its continuations, that meets its end at some moment. Answers how many moments there were, and the place of the end. */
const runKilled = async (world: KillWorld, trigger: ExtractTrigger, kill: Kill, dead: Set<string>) => {
  let moments = 0;
  let place = 'no moment';
  const all = newLife();
  const mortal: World = {
    ...world,
    as: (_state, invocation) => {
      const life = kill.isOfAll ? all : newLife();
      void life.killed.catch(() => dead.add(invocation));
      const ports = mortalPorts(world, life, (at) => {
        moments += 1;
        if (moments !== kill.at) return 'live';
        place = at;
        return kill.moment;
      });
      return { ...ports, killed: life.killed };
    },
  };
  await executeToEnd(mortal, trigger).catch(() => undefined);
  return { moments, place };
};

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
};

/** The batch's turn of the sweep, two days later. Answers the staged files that are left. */
const sweepLater = async (world: KillWorld): Promise<readonly string[]> => {
  world.clock.advance(48 * 60 * MINUTE_MS);
  const { deps, objects } = toSwept(world, 48 * 60 * MINUTE_MS);
  const [batch = ''] = sealedBatches(world).map((sealed) => sealed.batch);
  const turn = numbers(TURNS).find((n) => isTurnOf(batch, n)) ?? expect.unreachable();
  await removeOrphans(world.feed.feed, turn, deps);
  return [...objects.keys()].filter((key) => key.startsWith('staged/')).sort();
};

const expectExact = async (world: KillWorld, kind: Kind, dead: ReadonlySet<string>): Promise<void> => {
  const batches = sealedBatches(world);
  expect(batches).toHaveLength(1);
  expect(batches[0]?.rejects.rows).toBe(kind.rejects);
  for (const table of ['ewm.items', 'ewm.comments'])
    expect(sealedIds(world, table).toSorted((a, b) => a - b)).toEqual(kind.ids);
  expect([keysUnder(world, 'parked/'), keysUnder(world, 'leases/')]).toEqual([[], []]);
  expect(keysUnder(world, 'pending/')).toHaveLength(1);
  await settled();
  // What a process that is gone had open, the bucket's own rule ends after a day.
  const open = [...world.streams.uploading].filter((key) => !dead.has(key.split('/')[3] ?? ''));
  expect(open).toEqual([]);
  const named = batches.flatMap(({ tables, rejects }) =>
    [...Object.values(tables), rejects].flatMap(({ parts }) => parts.map(({ key }) => key)),
  );
  expect(await sweepLater(world)).toEqual(named.toSorted());
};

describe('an extract that is killed, or whose ports fail, at any page, byte or part', () => {
  it('is tried for every form of paging', () => {
    const forms = new Set(Object.keys(FORMS).map((name) => name.split(' ')[0]));
    expect([...forms].sort()).toEqual(PAGING_FORMS.map(({ head }) => head).sort());
  });

  it.each(Object.keys(KINDS))(
    '%s: goes on, ends in the exact rows, and leaves no file that nothing names',
    async (name) => {
      const kind = KINDS[name] ?? expect.unreachable();
      const random = mulberry32(SEED + name.length);
      const whole = await runKilled(kind.open(), kind.trigger, NO_KILL, new Set());
      expect(whole.moments).toBeGreaterThan(50);
      for (let round = 0; round < ROUNDS; round += 1) {
        const world = { ...kind.open(), ...(round % 2 === 0 ? {} : { openCsvFile: openSmallFile }) };
        const dead = new Set<string>();
        const places: string[] = [];
        for (let life = 1 + Math.floor(random() * 3); life > 0; life -= 1) {
          const at = 1 + Math.floor(random() * whole.moments);
          const moment = random() < 0.7 ? 'die' : 'fail';
          const killed = await runKilled(world, kind.trigger, { at, moment, isOfAll: random() < 0.5 }, dead);
          places.push(`${moment} ${killed.place}`);
          world.clock.advance(10 * MINUTE_MS);
        }
        const story = `MILLRACE_SEED=${SEED}, round ${round}: ${places.join('; ')}`;
        const results = await executeToEnd(world, kind.trigger);
        expect(results.at(-1)?.outcome, story).toMatch(/^(Done|Idle: .*(caught up|sealed already))/);
        await expectExact(world, kind, dead).catch((error: unknown) => {
          throw new Error(story, { cause: error });
        });
      }
    },
  );
});

const NO_KILL: Kill = { at: -1, moment: 'die', isOfAll: true };
