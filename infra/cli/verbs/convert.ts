import { variable } from './places.ts';
import type { Verb } from './verb.ts';

export const convert: Verb = {
  summary: 'parse one XML document to CSV; no cloud at all',
  operands: { usage: 'FEED.yaml INPUT', min: 2, max: 2 },
  options: {
    table: { value: 'T', help: "the table to print; default the feed's first" },
    out: { value: 'DIR', help: 'write every table to DIR instead' },
    rejects: { value: 'PATH', help: 'write rejected rows there' },
    variable,
  },
  examples: [
    'npx millrace convert feeds/inspections.yaml feeds/samples/inspections.xml',
    'curl … | npx millrace convert feeds/work_items.yaml - --out csv',
  ],
  run: async (args, io) => (await import('../convert-document.ts')).convertDocument(args, io),
};
