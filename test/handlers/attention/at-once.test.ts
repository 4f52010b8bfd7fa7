import { describe, expect, it } from 'vitest';
import { putDayMark } from '../../../handlers/attention/marks.ts';
import { recordFailure } from '../../../handlers/extract/record-failure.ts';
import { toRequest } from '../../../handlers/operate/backfill-request.ts';
import { readStatus } from '../../../handlers/operate/read-status.ts';
import type { Facts } from '../../../shared/attention/facts.ts';
import { parked } from '../../../shared/attention/needs/parked.ts';
import { commandsOf } from '../../../shared/attention/remedies/registry.ts';
import { landedBatch } from '../../../shared/state/keys.ts';
import { EVENT } from '../../../shared/state/messages.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryMetrics } from '../../fakes/memory-metrics.ts';
import { noPlace } from '../../fakes/no-place.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { dropsFeed, execute, itemsFeed, landed, NOW, schedule, worldOf } from '../extract/world.ts';
import { batchName, FEED, sealed, toWorld } from '../load/support/world.ts';
import { planOf } from '../sweep/support/sweeping.ts';

/** A world of extraction whose messages and measures can be looked at. */
const watching = <W extends object>(world: W) => {
  const events = memoryEvents();
  const metrics = memoryMetrics();
  return { world: { ...world, events, metrics }, told: events.taken, measured: metrics.taken };
};

describe('what no later execution mends', () => {
  it('is told by RecordFailure as it parks a landed file', async () => {
    const key = 'landing/drops/a.xml';
    const { world, told, measured } = watching(
      worldOf(dropsFeed(), pagedSource({ pages: 0, rowsPerPage: 0 })),
    );
    world.streams.land({ bucket: 'bucket', key, versionId: 'v1' }, '<workitem><', Date.parse(NOW));
    expect((await execute(world, landed(key))).outcome).toBe('XmlMalformed');
    const batch = landedBatch(key, 'v1');
    expect(told).toMatchObject([
      { type: 'FeedNeedsAttention', detail: { feed: 'drops', need: 'parked', batch, error: 'XmlMalformed' } },
    ]);
    expect(measured).toEqual([{ feed: 'drops', failures: 1 }]);
  });

  it.each([
    ['SecretMissing', ['failing']],
    ['SourceUnavailable', []],
    ['Lambda.TooManyRequestsException', []],
    ['BatchParked', []],
  ])('is told by RecordFailure, and nothing else is: %s', async (error, needs) => {
    const { world, told } = watching(worldOf(itemsFeed(), pagedSource({ pages: 0, rowsPerPage: 0 })));
    const input = { trigger: schedule(), execution: 'e', state: 'PlanBatch', error: { Error: error } };
    for (const invocation of ['a', 'b']) await recordFailure(input, { ...world, where: noPlace, invocation });
    expect(told.map(({ detail }) => detail.need)).toEqual(needs);
  });

  const range = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-03T00:00:00.000Z' };
  it.each([
    [`npx millrace backfill items --from ${range.from} --to ${range.to}`, {}],
    ['npx millrace rebuild ewm.items', { rebuilds: 'ewm.items' }],
  ])(
    'is told with what asks for its range, which its status has too, also before it had a batch: %s',
    async (command, more) => {
      const { world, told } = watching(worldOf(itemsFeed(), pagedSource({ pages: 0, rowsPerPage: 0 })));
      const backfill = { request: toRequest('items', range, ''), ...range, asked: NOW, ...more };
      const detail = { feed: 'items', generation: 0, backfill };
      const trigger = { source: 'millrace', 'detail-type': EVENT.continue, detail } as const;
      const failed = { trigger, execution: 'e', state: 'PlanBatch', error: { Error: 'SecretMissing' } };
      await recordFailure(failed, { ...world, where: noPlace, invocation: 'a' });
      expect(told.map((one) => one.detail.command)).toEqual([command]);
      const looking = { ...world, inventory: timedRecords(world.clock).inventory };
      expect((await readStatus('items', itemsFeed(), looking)).needs).toMatchObject([{ command }]);
    },
  );

  it('is told by ParkLoad as it parks, once, however often it is called', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const thread = await world.planned();
    const park = () =>
      world.park(thread, [batchName(1)], true, { Error: 'LoadDataRefused', Cause: 'overflow' });
    await park();
    await park();
    expect(world.told).toMatchObject([
      { type: 'FeedNeedsAttention', detail: { feed: FEED, need: 'parked', batch: batchName(1) } },
    ]);
  });

  it('is not told of a load that waits for what passes', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const thread = await world.planned();
    await world.park(thread, [], false, { Error: 'WarehouseUnready', Cause: 'a right is missing' });
    expect(world.told).toEqual([]);
  });
});

describe('a measure', () => {
  it('of a seal has its records, rows, rejects, bytes and requests, once', async () => {
    const onOpen = () => pageXml(1, 3).replace('<id>1</id>', '<id>x</id>');
    const { world, measured } = watching(
      worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 3, onOpen })),
    );
    await execute(world, schedule());
    await execute(world, schedule());
    expect(measured).toMatchObject([{ feed: 'items', records: 3, rejects: 1, requests: 1, retries: 0 }]);
    const marks = [...world.records.entries.keys()].filter((key) => key.startsWith('marks/'));
    expect(marks).toEqual([expect.stringMatching(/^marks\/items\/rejects-\d{8}\.json$/)]);
  });

  it('of a load has its batches, and the tries that it took after the first', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    await world.put(sealed(2));
    await world.loadOnce();
    expect(world.measured).toEqual([{ feed: FEED, loaded: 2, retries: 0 }]);
  });
});

describe('the command of a message', () => {
  it.each([
    ['a schedule', undefined, 'npx millrace trigger items'],
    ['a comparison', true, 'npx millrace trigger items --compare'],
  ] as const)('goes on with %s that failed before it had a batch', async (_, compares, command) => {
    const { world, told } = watching(worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 1 })));
    const trigger = {
      feed: 'items',
      scheduledTime: NOW,
      ...(compares === undefined ? {} : { compares }),
    };
    const error = { Error: 'SecretMissing', Cause: 'no secret' };
    const input = { trigger, execution: 'e', state: 'PlanBatch', error };
    await recordFailure(input, { ...world, invocation: 'a', where: noPlace });
    expect(told).toMatchObject([{ detail: { need: 'failing', command } }]);
  });

  it.each([
    [[batchName(1)], `npx millrace redrive ${FEED} ${batchName(1)}`],
    [[batchName(1), batchName(2)], `npx millrace redrive ${FEED}`],
  ])('takes up all that a load parked: %j', async (culprits, command) => {
    const world = toWorld();
    for (const n of [1, 2, 3]) await world.put(sealed(n));
    const thread = await world.planned();
    await world.park(thread, culprits, true, { Error: 'LoadDataRefused', Cause: 'no' });
    const told = world.told.filter(({ type }) => type === 'FeedNeedsAttention');
    expect(told).toMatchObject([{ detail: { need: 'parked', command } }]);
  });

  it('of a batch whose part files are refused reads its window again, and then skips it, in message and status', async () => {
    const world = toWorld();
    const [from, to] = ['2026-11-01T00:00:00.000Z', '2026-11-03T00:00:00.000Z'];
    await world.put(sealed(1, { window: { from, to } }));
    const [key, plan] = planOf(batchName(1));
    await world.records.putIfAbsent(key, toRecordText(plan));
    const Cause = "Load into table 'x' failed. Check 'sys_load_error_detail' system table for details.";
    await world.park(await world.planned(), [batchName(1)], true, { Error: 'LoadDataRefused', Cause });
    const commands = [
      `npx millrace backfill ${FEED} --from ${from} --to ${to} --again`,
      `npx millrace redrive ${FEED} ${batchName(1)} --skip --yes`,
    ];
    expect(world.told).toMatchObject([{ detail: { need: 'parked', command: commands[0], commands } }]);
    const looking = { ...world, inventory: timedRecords(world.clock).inventory };
    const { needs } = await readStatus(FEED, undefined, looking);
    expect(needs).toMatchObject([{ need: 'parked', commands }]);
  });

  it('of what the warehouse has lost reads it again: the range of a batch, or a table', async () => {
    const range = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-03T00:00:00.000Z' };
    for (const [seen, command] of [
      [
        { batch: batchName(1) },
        `npx millrace backfill ${FEED} --from ${range.from} --to ${range.to} --again`,
      ],
      [{ batch: batchName(2) }, `npx millrace batch ${batchName(2)} --feed ${FEED}`],
      [{ table: 'ewm.work_items' }, 'npx millrace rebuild ewm.work_items'],
    ] as const) {
      const world = toWorld();
      await world.put(sealed(1, { window: range }));
      const [key, plan] = planOf(batchName(1));
      await world.records.putIfAbsent(key, toRecordText(plan));
      await putDayMark(FEED, 'lost', { ...seen, message: 'gone' }, { ...world, invocation: 'i' });
      const looking = { ...world, inventory: timedRecords(world.clock).inventory };
      const { needs } = await readStatus(FEED, undefined, looking);
      expect(needs).toMatchObject([{ need: 'lost', command }]);
    }
  });

  it('is one for all in the status too, and for comparisons alone that which lists keys anew', () => {
    const trouble = (batch: string) => ({ atMs: 1, batch, state: 'Load', error: 'x', message: 'y' });
    const commandOf = (batches: readonly string[]) => {
      const [first = ''] = batches;
      const facts: Facts = {
        ...{ feed: 'items', nowMs: 2, isPaused: false, staleAfterMs: undefined, loadEveryMs: 0, seenMs: 0 },
        ...{ sealedMs: undefined, pending: { batches: [], oldestMs: undefined } },
        parked: {
          ...{ all: batches, batches, oldest: trouble(first), newlySuperseded: [] },
          others: batches.slice(1).map(trouble),
        },
        ...{ failures: [], loadFailures: [], newlyOverMs: undefined, rejects: undefined, lost: undefined },
      };
      const finding = parked.find(facts);
      return finding && commandsOf(parked.ways({ feed: 'items', ...finding })).join('; ');
    };
    expect(commandOf(['f-1'])).toBe('npx millrace redrive items f-1');
    expect(commandOf(['f-1', 'f-2'])).toBe('npx millrace redrive items');
    expect(commandOf(['k-1', 'k-2'])).toBe('npx millrace trigger items --compare');
    expect(commandOf(['f-1', 'k-2'])).toBe('npx millrace redrive items f-1');
  });
});
