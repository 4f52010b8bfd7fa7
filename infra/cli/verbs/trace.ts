import { batchFeed, json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const trace: Verb = {
  summary: 'where the time of a batch went: Extract, Load and SettleLoad on one axis, a lane a slice',
  operands: { usage: 'BATCH', min: 1, max: 1 },
  options: {
    feed: batchFeed,
    json,
    ...place,
  },
  examples: [
    'npx millrace trace w-20260101T000000000Z',
    'npx millrace trace w-20260101T000000000Z --feed work_items --json',
  ],
  run: async (args, io) => {
    const { showTrace } = await import('../trace/show-trace.ts');
    const { openTraced } = await import('../trace/open-traced.ts');
    return showTrace(args, io, openTraced);
  },
};
