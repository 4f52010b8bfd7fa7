import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../infra/local/clock.ts';
import { virtualClock } from '../../../../infra/local/clock.ts';
import { createChance } from '../../../../infra/local/executions/chance.ts';
import { type Delivery, openJournal } from '../../../../infra/local/executions/journal.ts';
import { createScheduler, type Scheduler } from '../../../../infra/local/schedules/scheduler.ts';

const START = Date.parse('2026-11-23T12:00:30Z');

interface World {
  readonly clock: Clock;
  /** Called with each delivery; what it throws, the journal throws. */
  readonly onDelivery: (delivery: Delivery, scheduler: Scheduler) => void;
  readonly input?: string;
}

/** Serves one schedule, `rate(15 minutes)`, until its scheduler is stopped or has failed. */
const serve = ({ clock, onDelivery, input = '{}' }: World) => {
  const failed = Promise.withResolvers<Error>();
  const journal = openJournal(':memory:');
  const scheduler = createScheduler({
    schedules: [
      {
        name: 'S',
        arn: 'arn:s',
        expression: 'rate(15 minutes)',
        timeZone: 'UTC',
        isEnabled: true,
        machineArn: 'arn:m',
        roleArn: 'arn:r',
        input,
      },
    ],
    machines: [],
    journal: {
      ...journal,
      add: (deliveries) => {
        for (const delivery of deliveries) onDelivery(delivery, scheduler);
      },
    },
    clock,
    chance: createChance(1),
    faults: () => ({}),
    onStruck: () => {},
    onDeliveries: () => {},
    onFailure: failed.resolve,
  });
  scheduler.start();
  return { scheduler, failed: failed.promise };
};

/** A clock that, once it has slept so often, finds that the machine stood still for so long. */
const standingStill = (sleeps: number, ms: number): Clock => {
  const clock = virtualClock(START);
  let [slept, lost] = [0, 0];
  return {
    now: () => clock.now() + lost,
    sleep: async (for_, signal) => {
      await clock.sleep(for_, signal);
      if (++slept === sleeps) lost = ms;
    },
  };
};

/** The times of the first few firings. */
const firings = (clock: Clock, count: number): Promise<string[]> => {
  const times: string[] = [];
  return new Promise((resolve) => {
    serve({
      clock,
      onDelivery: ({ trigger }, scheduler) => {
        times.push(trigger.slice(-9));
        if (times.length < count) return;
        scheduler.stop();
        resolve(times);
      },
    });
  });
};

describe('the scheduler', () => {
  it('fires by the clock', async () => {
    expect(await firings(virtualClock(START), 3)).toEqual(['12:15:30Z', '12:30:30Z', '12:45:30Z']);
  });

  it('fires the latest only of the times that passed while the machine slept, and then goes on', async () => {
    expect(await firings(standingStill(20, 8 * 3_600_000), 4)).toEqual([
      '12:15:30Z',
      '20:15:30Z',
      '20:30:30Z',
      '20:45:30Z',
    ]);
  });

  it('fires soon after the machine woke, however long it would have waited yet', async () => {
    const clock = standingStill(1, 14 * 60_000 + 30_000);
    let firedAt = 0;
    await new Promise<void>((resolve) => {
      serve({
        clock,
        onDelivery: (_delivery, scheduler) => {
          firedAt = clock.now();
          scheduler.stop();
          resolve();
        },
      });
    });
    expect(firedAt - START).toBeLessThan(16 * 60_000);
  });

  it('tells what keeps a schedule from firing', async () => {
    const full = new Error('database or disk is full');
    const { failed } = serve({
      clock: virtualClock(START),
      onDelivery: () => {
        throw full;
      },
    });
    expect(await failed).toBe(full);
    const unknown = serve({
      clock: virtualClock(START),
      onDelivery: () => {},
      input: '<aws.scheduler.colour>',
    });
    expect((await unknown.failed).message).toContain('<aws.scheduler.colour> is not known');
  });

  it('fires nothing, and fails at nothing, once it is stopped', async () => {
    const clock = virtualClock(START);
    const told: string[] = [];
    const { scheduler, failed } = serve({ clock, onDelivery: () => told.push('fired') });
    void failed.then(() => told.push('failed'));
    scheduler.stop();
    await clock.sleep(3_600_000);
    expect(told).toEqual([]);
  });
});
