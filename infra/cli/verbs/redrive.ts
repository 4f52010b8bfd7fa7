import { feeds, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const redrive: Verb = {
  summary: 'parked batches again: a sealed one is loaded, any other is extracted',
  operands: { usage: 'FEED [BATCH]', min: 1, max: 2 },
  options: {
    skip: { help: 'leave BATCH for good instead: nothing of it is loaded, and nobody is told of it' },
    yes: { help: 'skip without asking' },
    secrets,
    feeds,
    ...place,
  },
  examples: [
    'npx millrace redrive work_items',
    'npx millrace redrive work_items w-20260115T080000000Z --env prod',
    'npx millrace redrive inspections f-2ac3634e6b972cd83a2da97d774264bf --skip',
  ],
  run: async (args, io) => {
    const { redriveFeed, skip } = await import('../change-feed.ts');
    if (args.flags.has('skip')) {
      const { openToMark } = await import('../deployment/open-to-mark.ts');
      return skip(args, io, openToMark);
    }
    const { openToChange } = await import('../deployment/open-to-change.ts');
    return redriveFeed(args, io, openToChange);
  },
};
