import { feeds, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const redrive: Verb = {
  summary: 'parked batches again: a sealed one is loaded, any other is extracted',
  operands: { usage: 'FEED [BATCH]', min: 1, max: 2 },
  options: { secrets, feeds, ...place },
  examples: ['millrace redrive work_items', 'millrace redrive work_items w-20260115T080000000Z --env prod'],
  run: async (args, io) => {
    const { redriveFeed } = await import('../change-feed.ts');
    const { openToChange } = await import('../deployment/open-to-change.ts');
    return redriveFeed(args, io, openToChange);
  },
};
