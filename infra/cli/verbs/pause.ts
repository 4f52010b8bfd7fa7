import { place } from './places.ts';
import type { Verb } from './verb.ts';

export const pause: Verb = {
  summary: 'hold a feed: its schedules, landed files and loads',
  operands: { usage: 'FEED', min: 1, max: 1 },
  options: { ...place },
  examples: ['npx millrace pause work_items', 'npx millrace pause work_items --env prod'],
  run: async (args, io) => {
    const { pause: run } = await import('../change-feed.ts');
    const { openToMark } = await import('../deployment/open-to-mark.ts');
    return run(args, io, openToMark);
  },
};
