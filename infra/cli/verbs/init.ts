import type { Verb } from './verb.ts';

export const init: Verb = {
  summary: 'make a folder of your own: a sample feed, connections, cdk.json; what is there stays',
  operands: { usage: '[DIR]', min: 0, max: 1 },
  options: {},
  examples: ['npx millrace init', 'npx millrace init warehouse'],
  run: async (args, io) => (await import('../make-project.ts')).makeProject(args, io),
};
