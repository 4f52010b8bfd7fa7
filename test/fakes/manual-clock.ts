import type { Clock } from '../../handlers/ports/clock.ts';

/** A clock that stands until it is advanced; sleepers wake in the order of their times. */
export const manualClock = (startMs = Date.parse('2026-11-23T12:00:00Z')) => {
  let nowMs = startMs;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  const slept: number[] = [];

  const clock: Clock = {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        slept.push(ms);
        const sleeper = { atMs: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
  };
  const advance = (ms: number): void => {
    nowMs += ms;
    const due = [...sleepers].filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    for (const sleeper of due) {
      sleepers.delete(sleeper);
      sleeper.wake();
    }
  };
  return { ...clock, advance, slept };
};

/** A clock whose sleepers wake at once, the time having passed. */
export const hastyClock = (startMs?: number) => {
  const manual = manualClock(startMs);
  return {
    ...manual,
    sleep: (ms: number, signal: AbortSignal) => {
      const sleeping = manual.sleep(ms, signal);
      manual.advance(ms);
      return sleeping;
    },
  };
};
