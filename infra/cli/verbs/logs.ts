import { batchFeed, json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const logs: Verb = {
  summary: 'what the functions logged of a batch, of all its executions and loads, in the order of time',
  operands: { usage: 'BATCH', min: 1, max: 1 },
  options: {
    feed: batchFeed,
    json,
    ...place,
  },
  examples: [
    'npx millrace logs w-20260101T000000000Z',
    'npx millrace logs w-20260101T000000000Z --feed work_items --json',
  ],
  run: async (args, io) => {
    const { showLogs } = await import('../logs/show-logs.ts');
    const { openLogged } = await import('../logs/open-logged.ts');
    return showLogs(args, io, openLogged);
  },
};
