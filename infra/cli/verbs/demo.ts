import { data } from './places.ts';
import type { Verb } from './verb.ts';

export const demo: Verb = {
  summary: 'run the sample feeds against a sample Jazz server, from nothing to loaded tables',
  options: {
    data,
    items: { value: 'N', help: 'work items at the sample server; default 5000' },
    keep: { help: 'go on serving afterwards, until Ctrl-C' },
  },
  examples: ['npx millrace demo', 'npx millrace demo --items 20000 --keep'],
  run: async (args, io) => {
    const { playDemo } = await import('../play-demo.ts');
    const { localParts } = await import('../local-parts.ts');
    return playDemo(args, io, localParts(io));
  },
};
