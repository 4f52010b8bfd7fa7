import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../infra/local/clock.ts';
import { createPace, untilSpent } from '../../../infra/local/pace.ts';

const OWN = 1;
const SERVICE = 2;
const FUNCTION = 3;

/** A machine whose processes wait for their processor by these shares of the time. */
const machine = (shares: Record<number, number> = {}) => {
  let now = 0;
  const waited = new Map<number, number>();
  const ticks: (() => void)[] = [];
  const pace = createPace({
    pid: OWN,
    now: () => now,
    readWaitMs: (pid) => (shares[pid] === undefined ? undefined : (waited.get(pid) ?? 0)),
    every: (_, action) => {
      ticks.push(action);
      return () => ticks.splice(0);
    },
  });
  /** Lets time go by in stretches, at the end of each of which the timer comes. */
  const pass = (ms: number, stretchMs = 500): void => {
    for (const end = now + ms; now < end; ) {
      now += stretchMs;
      for (const [pid, share] of Object.entries(shares)) {
        waited.set(Number(pid), (waited.get(Number(pid)) ?? 0) + share * stretchMs);
      }
      for (const tick of ticks) tick();
    }
  };
  return { pace, pass, shares };
};

describe('the pace of a machine', () => {
  it('withholds nothing where no process has to wait, however long it is', () => {
    const { pace, pass } = machine({ [OWN]: 0, [FUNCTION]: 0 });
    const fn = pace.watch(FUNCTION);
    pass(300_000);
    expect([pace.whole.ms(), fn.ms(), pace.whole.factor(), fn.factor()]).toEqual([0, 0, 1, 1]);
  });

  it('withholds what a function’s process waited, from that function and from the whole', () => {
    const { pace, pass } = machine({ [OWN]: 0, [FUNCTION]: 0.75, 4: 0 });
    const [starved, other] = [pace.watch(FUNCTION), pace.watch(4)];
    pass(60_000);
    expect(starved.ms()).toBeCloseTo(45_000);
    expect(pace.whole.ms()).toBeCloseTo(45_000);
    expect(starved.factor()).toBeCloseTo(4, 1);
    expect([other.ms(), other.factor()]).toEqual([0, 1]);
  });

  it('withholds what a service waited from all, as they may wait for it', () => {
    const { pace, pass } = machine({ [OWN]: 0, [SERVICE]: 0.5, [FUNCTION]: 0.1 });
    pace.watchService(SERVICE);
    const fn = pace.watch(FUNCTION);
    pass(10_000);
    expect([fn.ms(), pace.whole.ms()]).toEqual([5000, 5000]);
  });

  it('counts the longest of all waits once, and never the whole of the time', () => {
    const { pace, pass } = machine({ [OWN]: 0.9, [FUNCTION]: 0.9, 4: 1 });
    pace.watch(FUNCTION);
    const stuck = pace.watch(4);
    pass(10_000);
    expect(pace.whole.ms()).toBeCloseTo(9800);
    expect(stuck.factor()).toBe(10);
  });

  it('is free again when the others have gone', () => {
    const { pace, pass, shares } = machine({ [OWN]: 0.9 });
    pass(30_000);
    expect(pace.whole.factor()).toBeGreaterThan(5);
    shares[OWN] = 0;
    const before = pace.whole.ms();
    pass(60_000);
    expect([pace.whole.ms() - before, pace.whole.factor()]).toEqual([0, 1]);
  });

  it('goes by its own late timers where the system says nothing of processes', () => {
    const { pace, pass } = machine();
    const fn = pace.watch(FUNCTION);
    pass(10_000, 500);
    expect(pace.whole.ms()).toBe(0);
    pass(10_000, 1000);
    expect([pace.whole.ms(), fn.ms()]).toEqual([5000, 5000]);
  });

  it('forgets a process that has ended', () => {
    const { pace, pass, shares } = machine({ [OWN]: 0, [FUNCTION]: 0.5 });
    const fn = pace.watch(FUNCTION);
    pass(1000);
    fn.stop();
    shares[FUNCTION] = 0.9;
    pass(1000);
    expect(pace.whole.ms()).toBe(500);
  });
});

describe('a time that is spent', () => {
  const spend = async (ms: number, share: number): Promise<number> => {
    const clock = virtualClock(0);
    await untilSpent(ms, { clock, withheld: { ms: () => share * clock.now() } });
    return clock.now();
  };

  it('is as long as it says where nothing is withheld', async () => {
    expect(await spend(295_000, 0)).toBe(295_000);
  });

  it('is longer by what is withheld meanwhile', async () => {
    const took = await spend(60_000, 0.75);
    expect(took).toBeGreaterThanOrEqual(240_000);
    expect(took).toBeLessThan(240_200);
  });

  it('ends early with its signal', async () => {
    const over = new AbortController();
    const spending = untilSpent(1000, { clock: virtualClock(), withheld: { ms: () => 0 } }, over.signal);
    over.abort(new Error('answered'));
    await expect(spending).rejects.toThrow('answered');
  });
});
