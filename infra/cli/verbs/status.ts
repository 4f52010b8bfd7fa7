import { json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const status: Verb = {
  summary: 'how each feed is: rows as of when, what waits, what failed and since when, and what to type next',
  operands: { usage: '[FEED…]', min: 0, max: 1000 },
  options: { json, ...place },
  examples: ['npx millrace status', 'npx millrace status work_items --env prod --region eu-central-1'],
  run: async (args, io) => {
    const { showStatus } = await import('../show-status.ts');
    const { openDeployment } = await import('../deployment/open-deployment.ts');
    return showStatus(args, io, openDeployment);
  },
};
