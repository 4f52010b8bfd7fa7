import { data, feeds } from './places.ts';
import type { Verb } from './verb.ts';

export const diff: Verb = {
  summary: 'what the feeds would change in the warehouse, and what is refused',
  operands: { usage: '[FEED…]', min: 0, max: 1000 },
  options: { json: { help: 'print one JSON document on stdout, and nothing else there' }, feeds, data },
  later: ['env', 'profile', 'region'],
  examples: ['millrace diff', 'millrace diff work_items --json'],
  run: async (args, io) => {
    const { showDiff } = await import('../show-diff.ts');
    const { openLocalDiff } = await import('../local-diff.ts');
    return showDiff(args, io, openLocalDiff);
  },
};
