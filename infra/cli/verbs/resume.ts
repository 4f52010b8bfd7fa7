import { feeds, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const resume: Verb = {
  summary: 'let a paused feed go on, with what came meanwhile',
  operands: { usage: 'FEED', min: 1, max: 1 },
  options: { secrets, feeds, ...place },
  examples: ['npx millrace resume work_items', 'npx millrace resume work_items --env prod'],
  run: async (args, io) => {
    const { resume: run } = await import('../change-feed.ts');
    const { openToChange } = await import('../deployment/open-to-change.ts');
    return run(args, io, openToChange);
  },
};
