import { feeds, place } from './places.ts';
import type { Verb } from './verb.ts';

export const secret: Verb = {
  summary: 'store a secret for this machine or a deployment; asked without echo, or read from stdin',
  operands: { usage: 'set ID', min: 2, max: 2 },
  options: { feeds, ...place },
  examples: [
    'npx millrace secret set millrace/jazz',
    'npx millrace secret set millrace/ca --env prod < ca.pem',
  ],
  run: async (args, io) => (await import('../set-secret.ts')).setSecret(args, io),
};
