import { feeds, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const trigger: Verb = {
  summary: "fire a feed's schedule now; of landed files, extract those that wait",
  operands: { usage: 'FEED', min: 1, max: 1 },
  options: {
    compare: { help: 'fire that of its compareKeys instead' },
    secrets,
    feeds,
    ...place,
  },
  examples: ['npx millrace trigger work_items', 'npx millrace trigger work_items --compare --env prod'],
  run: async (args, io) => {
    const { trigger: run } = await import('../change-feed.ts');
    const { openToChange } = await import('../deployment/open-to-change.ts');
    return run(args, io, openToChange);
  },
};
