import { batchFeed, json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const batch: Verb = {
  summary: "one batch's whole story: plan, steps, seal and loads, each with its duration",
  operands: { usage: 'BATCH', min: 1, max: 1 },
  options: {
    feed: batchFeed,
    json,
    ...place,
  },
  examples: [
    'npx millrace batch w-20260115T080000000Z',
    'npx millrace batch w-20260115T080000000Z --feed work_items',
  ],
  run: async (args, io) => {
    const { showBatch } = await import('../show-batch.ts');
    const { openDeployment } = await import('../deployment/open-deployment.ts');
    return showBatch(args, io, openDeployment);
  },
};
