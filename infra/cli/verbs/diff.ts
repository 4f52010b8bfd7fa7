import { feeds, json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const diff: Verb = {
  summary: 'what the feeds would change in the warehouse, and what is refused',
  operands: { usage: '[FEED…]', min: 0, max: 1000 },
  options: { json, feeds, ...place },
  examples: ['npx millrace diff', 'npx millrace diff work_items --json'],
  run: async (args, io) => {
    const { showDiff } = await import('../show-diff.ts');
    const { openToDiff } = await import('../deployment/open-to-diff.ts');
    return showDiff(args, io, openToDiff);
  },
};
