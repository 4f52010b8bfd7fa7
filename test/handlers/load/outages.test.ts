import { describe, expect, it } from 'vitest';
import { sweep } from '../../../handlers/sweep/sweep.ts';
import { ServiceUnavailable } from '../../../shared/errors.ts';
import { fateOf } from '../../../shared/fates.ts';
import { type LoadThread, type SettleTrigger, settleTrigger } from '../../../shared/state/messages.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { FEED, sealed, toWorld } from './support/world.ts';

/** What passes and what nobody knows, hour after hour by the world's clock: the machines on fakes, and a sweep each quarter. */

const QUARTER_MS = 15 * 60_000;
const nameOf = (n: number): string => `w-20261123T${String(n).padStart(4, '0')}00000Z`;

/** How a statement ends; undefined for a warehouse that takes none. */
type Ending = (batches: readonly string[]) => string | undefined;
const FINISHED = '';

const toHours = () => {
  const world = toWorld();
  const loads: { readonly batches: readonly string[]; readonly error: string }[] = [];
  const parkedAtOnce: number[] = [];
  let sealedSoFar = 0;
  let failures = 0;

  const seal = async (): Promise<void> => {
    const n = sealedSoFar;
    sealedSoFar += 1;
    await world.put(sealed(1, { batch: nameOf(n), observed: new Date(world.clock.now()).toISOString() }));
  };
  const park = async (
    thread: LoadThread,
    culprits: string[],
    isDataError: boolean,
    error: { readonly Error: string; readonly Cause?: string | undefined },
    ending: Ending,
  ): Promise<void> => {
    const { outcome, parked } = await world.park(thread, culprits, isDataError, error);
    failures += outcome === 'waiting' ? 1 : 0;
    if (parked.length > 0) parkedAtOnce.push(parked.length);
    if (outcome !== 'waiting') await loadNext(ending);
  };
  const submit = async (thread: LoadThread, ending: Ending): Promise<void> => {
    const batches = await world.batchesOf(thread);
    const error = ending(batches);
    if (error === undefined) {
      const { name, message } = new ServiceUnavailable('the warehouse does not answer');
      return park(thread, [], fateOf(name) === 'batch', { Error: name, Cause: message }, ending);
    }
    const { statementId } = await world.submit(thread);
    loads.push({ batches, error });
    world.warehouse.end(statementId, error === FINISHED ? 'finished' : 'failed', error);
    const { name } = world.warehouse.submitted.at(-1) ?? { name: '' };
    const detail = { statementId, statementName: name };
    return settle({ source: 'aws.redshift-data', detail }, ending);
  };
  const loadNext = async (ending: Ending): Promise<void> => {
    const answer = await world.plan();
    if (answer.outcome === 'planned') await submit(answer.thread, ending);
  };
  const settle = async ({ source, detail }: SettleTrigger, ending: Ending): Promise<void> => {
    const answer = await world.describe(detail.statementId, detail.statementName, source);
    if (answer.outcome === 'finished') {
      await world.mark(answer.thread);
      await loadNext(ending);
    } else if (answer.outcome === 'retry') {
      world.clock.advance(answer.waitSeconds * 1_000);
      await submit(answer.thread, ending);
    } else if (answer.outcome === 'failed')
      await park(answer.thread, answer.culprits, answer.isDataError, answer.error, ending);
  };
  /** A quarter of an hour, and the sweep at its end. */
  const quarter = async (ending: Ending): Promise<void> => {
    world.clock.advance(QUARTER_MS);
    const events = memoryEvents();
    const scheduledTime = new Date(world.clock.now()).toISOString();
    await sweep({ scheduledTime }, {}, { ...world.deps(), events, inventory: memoryInventory(new Map()) });
    for (const { type, detail } of events.taken) {
      if (type === 'LoadNext') await loadNext(ending);
      else await settle(settleTrigger.parse({ source: 'millrace', detail }), ending);
    }
  };
  const parked = async () => (await world.records.list(`parked/${FEED}/`)).keys;
  return {
    world,
    loads,
    parkedAtOnce,
    seal,
    loadNext,
    quarter,
    parked,
    sealed: () => sealedSoFar,
    failures: () => failures,
  };
};

const loadedOf = (loads: ReturnType<typeof toHours>['loads']): readonly string[] =>
  [...new Set(loads.filter(({ error }) => error === FINISHED).flatMap(({ batches }) => batches))].sort();

describe('a pause of the warehouse of 25 hours', () => {
  it.each<readonly [string, Ending]>([
    ['takes no statement', () => undefined],
    ['fails each statement', () => 'the cluster is paused'],
    ['is resuming all the time', () => 'the warehouse is resuming, try again'],
  ] as const)(
    'parks nothing, tells of it each quarter, and after it everything loads: it %s',
    async (_, paused) => {
      const hours = toHours();
      await hours.seal();
      await hours.loadNext(paused);
      for (let quarter = 1; quarter <= 25 * 4; quarter += 1) {
        if (quarter % 4 === 0) await hours.seal();
        const told = hours.failures();
        await hours.quarter(paused);
        expect(hours.failures(), 'an execution that fails, which the alarm tells of').toBeGreaterThan(told);
        expect(await hours.parked()).toEqual([]);
      }
      // What ran when it was paused is forgotten a day later.
      hours.world.warehouse.states.clear();
      for (let quarter = 0; quarter < 4; quarter += 1) await hours.quarter(() => FINISHED);
      expect(await hours.world.pending()).toEqual([]);
      expect(await hours.parked()).toEqual([]);
      expect(loadedOf(hours.loads)).toEqual(Array.from({ length: hours.sealed() }, (_, n) => nameOf(n)));
    },
  );
});

describe.each(['ERROR: Assert DETAIL: error: Assert code: 1000', 'ERROR: Compilation of segment failed'])(
  'an error that nobody knows: %s',
  (message) => {
    const forty = async () => {
      const hours = toHours();
      for (let n = 0; n < 40; n += 1) await hours.seal();
      return hours;
    };

    it('that passes with the third try parks nothing, and loads all forty as one', async () => {
      const hours = await forty();
      await hours.loadNext(() => (hours.loads.length < 2 ? message : FINISHED));
      expect(hours.loads.map(({ batches, error }) => [batches.length, error])).toEqual([
        [40, message],
        [40, message],
        [40, FINISHED],
      ]);
      expect(await hours.parked()).toEqual([]);
    });

    it('of one batch is tried three times a load, and parks that one alone', async () => {
      const hours = await forty();
      await hours.loadNext((batches) => (batches.includes(nameOf(17)) ? message : FINISHED));
      const failed = hours.loads.filter(({ error }) => error !== FINISHED);
      expect(failed.filter(({ batches }) => batches.length === 40)).toHaveLength(3);
      expect(hours.parkedAtOnce).toEqual([1]);
      expect(await hours.parked()).toEqual([`parked/${FEED}/${nameOf(17)}.json`]);
      expect(loadedOf(hours.loads)).toHaveLength(39);
    });

    it('of every load never parks more than one at once', async () => {
      const hours = await forty();
      await hours.loadNext(() => (hours.loads.length < 30 ? message : FINISHED));
      expect(Math.max(...hours.parkedAtOnce)).toBe(1);
      expect((await hours.parked()).length).toBeLessThan(5);
      expect(loadedOf(hours.loads).length).toBeGreaterThan(35);
    });

    it('is tried three times also after an outage that took many tries', async () => {
      const hours = toHours();
      await hours.seal();
      await hours.loadNext(() => 'the cluster is unavailable');
      for (let quarter = 0; quarter < 8; quarter += 1)
        await hours.quarter(() => 'the cluster is unavailable');
      const before = hours.loads.length;
      for (let quarter = 0; quarter < 2; quarter += 1) {
        await hours.quarter(() => message);
        expect(await hours.parked(), `try ${quarter + 1}`).toEqual([]);
      }
      await hours.quarter(() => message);
      expect(hours.loads.length - before).toBe(3);
      expect(await hours.parked()).toEqual([`parked/${FEED}/${nameOf(0)}.json`]);
    });
  },
);
