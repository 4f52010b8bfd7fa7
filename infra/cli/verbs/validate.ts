import { feeds } from './places.ts';
import type { Verb } from './verb.ts';

export const validate: Verb = {
  summary: 'check feed files; say what is wrong with line and column',
  operands: { usage: '[FEED.yaml…]', min: 0, max: 1000 },
  options: { feeds },
  examples: ['npx millrace validate', 'npx millrace validate feeds/work_items.yaml'],
  run: async (args, io) => (await import('../validate-feeds.ts')).validateFeeds(args, io),
};
