import { vi } from 'vitest';
import { MINUTE } from '../../../handlers/attention/support/true-feed.ts';
import { runHour } from './hour.ts';
import type { Weather } from './weather.ts';

/** So long an execution has before it is cut off: its plan is made, or is being made, by then. */
const CUT_MS = 1500;

/**
 * Executions are cut off while their sources have not answered: what was planned stands, nobody is told, and the next hour reads on. The sources
 * answer the functions, which outlive their executions, by an error: what they read now would be of another time than the truth's.
 */
export const cutHour: Weather = {
  word: 'extractions time out',
  faults: ['timeOut'],
  delays: true,
  begin: ({ cloud }) => cloud.setFaults({ timeOut: { afterMs: CUT_MS, machine: '-Extract' } }),
  end: ({ cloud }) => cloud.setFaults({}),
  runHour: async (world, hourMs) => {
    const gate = Promise.withResolvers<void>();
    for (const feed of world.feeds)
      if (feed.kind.lands !== true) Object.assign(feed, { isCut: true, gate: gate.promise });
    const open = async (): Promise<void> => {
      const isExtract = ({ machine, status }: { machine: string; status: string }): boolean =>
        machine.includes('-Extract') && (status === 'DUE' || status === 'RUNNING');
      await vi.waitFor(
        () => {
          if (world.cloud.executions().some(isExtract)) throw new Error('executions are under way');
        },
        { timeout: 10 * MINUTE, interval: 1000 },
      );
      gate.resolve();
    };
    await runHour(world, hourMs, open);
    for (const feed of world.feeds) Object.assign(feed, { isCut: false, gate: undefined });
  },
};
