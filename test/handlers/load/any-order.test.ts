import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../../handlers/sweep/sweep.ts';
import { type LoadThread, type SettleTrigger, settleTrigger } from '../../../shared/state/messages.ts';
import type { LoadRecord, SettledRecord } from '../../../shared/state/records.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { rounds } from '../../rounds.ts';
import { batchName, FEED, sealed, toWorld } from './support/world.ts';

/**
 * The machines Load and SettleLoad on fakes, each state of an execution one step, under what AWS promises: events lost,
 * twice and in any order, executions that die after any state, and statements that end in any way.
 */

const BATCHES = 3;

type Task = () => Promise<readonly Task[]>;

const toMachines = (endings: readonly string[]) => {
  const world = toWorld();
  const events = memoryEvents();
  let ended = 0;

  const loadNext: Task = async () => {
    const answer = await world.plan();
    return answer.outcome === 'planned' ? [submitting(answer.thread)] : [];
  };
  const submitting =
    (thread: LoadThread): Task =>
    async () => {
      await world.submit(thread);
      return [];
    };
  const settle =
    ({ source, detail }: SettleTrigger): Task =>
    async () => {
      const answer = await world.describe(detail.statementId, detail.statementName, source);
      switch (answer.outcome) {
        case 'finished':
          return [async () => world.mark(answer.thread).then(() => [loadNext])];
        case 'retry':
          return [submitting(answer.thread)];
        case 'failed': {
          const { thread, culprits, isDataError, error } = answer;
          return [
            async () => {
              const { outcome } = await world.park(thread, culprits, isDataError, error);
              return outcome === 'waiting' ? [] : [loadNext];
            },
          ];
        }
        case 'ignored':
          return [];
      }
    };
  /** Ends what runs at the warehouse, each statement once, and gives the events of it. */
  const endStatements = (): readonly Task[] =>
    world.warehouse.submitted
      .filter(({ id }) => world.warehouse.states.get(id)?.status === 'running')
      .map(({ id, name, statements }) => {
        const ending = endings[ended % endings.length] ?? 'finished';
        ended += 1;
        const bad = batchName(2);
        const holdsBad = statements.some((sql) => sql.includes(`CAST('${bad}' AS VARCHAR`));
        if (ending === 'deadlock') world.warehouse.end(id, 'failed', 'deadlock detected');
        else if (ending === 'aborted') world.warehouse.end(id, 'aborted');
        else if (ending === 'data' && holdsBad)
          world.warehouse.end(id, 'failed', 'Overflow (Long valid range)');
        else world.warehouse.end(id, 'finished');
        return settle({ source: 'aws.redshift-data', detail: { statementId: id, statementName: name } });
      });
  const sweeping = async (): Promise<readonly Task[]> => {
    events.taken.length = 0;
    const inventory = memoryInventory(new Map());
    await sweep({ scheduledTime: '2026-11-23T12:00:00Z' }, {}, { ...world.deps(), events, inventory });
    return events.taken.map(({ type, detail }) =>
      type === 'LoadNext' ? loadNext : settle(settleTrigger.parse({ source: 'millrace', detail })),
    );
  };
  return { world, loadNext, endStatements, sweeping };
};

const readJson = async <T>(world: ReturnType<typeof toWorld>, key: string): Promise<T> =>
  JSON.parse((await world.records.read(key)) ?? 'null');

/** Which batches were in a load that finished and was settled, and which are parked. */
const readOutcome = async (world: ReturnType<typeof toWorld>) => {
  const { keys } = await world.records.list(`loads/${FEED}/`);
  const loaded = new Set<string>();
  for (const key of keys.filter((k) => k.endsWith('/settled.json'))) {
    const { outcome } = await readJson<SettledRecord>(world, key);
    const record = await readJson<LoadRecord>(world, key.replace('/settled.json', '.json'));
    if (outcome === 'loaded') for (const { batch } of record.batches) loaded.add(batch);
  }
  const parked = (await world.records.list(`parked/${FEED}/`)).keys.map((key) =>
    key.split('/').at(-1)?.replace('.json', ''),
  );
  return { loaded: [...loaded].sort(), parked };
};

describe('loads under every delivery of events', () => {
  it('end with each batch loaded or parked, and nothing pending', async () => {
    const chance = fc.constantFrom('once', 'once', 'once', 'twice', 'lost');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('finished', 'finished', 'deadlock', 'aborted', 'data'), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.tuple(chance, fc.nat({ max: 9 })), { maxLength: 40 }),
        async (endings, deliveries) => {
          const { world, loadNext, endStatements, sweeping } = toMachines([...endings, 'finished']);
          for (let n = 1; n <= BATCHES; n += 1) await world.put(sealed(n));
          let tasks: Task[] = [loadNext, loadNext];
          for (const [delivery, pick] of deliveries) {
            tasks.push(...endStatements());
            const [task] = tasks.splice(pick % Math.max(1, tasks.length), 1);
            if (task === undefined || delivery === 'lost') continue;
            for (let n = delivery === 'twice' ? 2 : 1; n > 0; n -= 1) tasks.push(...(await task()));
          }
          // From here on nothing is lost, and the sweep runs every quarter of an hour.
          for (let round = 0; round < 60; round += 1) {
            world.clock.advance(15 * 60_000);
            tasks.push(...endStatements(), ...(await sweeping()));
            for (let steps = 0; tasks.length > 0 && steps < 50; steps += 1) {
              const [task] = tasks.splice(0, 1);
              if (task !== undefined) tasks.push(...(await task()));
            }
            tasks = [];
          }
          expect(await world.pending()).toEqual([]);
          const { loaded, parked } = await readOutcome(world);
          expect([...new Set([...loaded, ...parked])].sort()).toEqual([1, 2, 3].map(batchName));
          if (!endings.includes('data')) expect(parked, 'what passes parks nothing').toEqual([]);
        },
      ),
      { numRuns: rounds(60) },
    );
  });
});
