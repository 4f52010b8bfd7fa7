import { data, feeds, secrets, variable } from './places.ts';
import type { Verb } from './verb.ts';

export const preview: Verb = {
  summary: 'fetch or read the first records of a feed: its rows, rejects and unread paths',
  operands: { usage: 'FEED [INPUT]', min: 1, max: 2 },
  options: {
    rows: { value: 'N', default: '10', help: 'how many records are read' },
    variable,
    secrets,
    feeds,
    data,
  },
  examples: [
    'npx millrace preview work_items',
    'npx millrace preview inspections feeds/samples/inspections.xml --rows 3',
  ],
  run: async (args, io) => (await import('../preview-feed.ts')).previewFeed(args, io),
};
