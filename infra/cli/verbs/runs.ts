import { json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const runs: Verb = {
  summary: "a feed's batches, with their times, rows and rejects",
  operands: { usage: 'FEED', min: 1, max: 1 },
  options: {
    since: { value: 'DURATION', default: '1d', help: 'those of so long: 30m, 6h, 7d' },
    json,
    ...place,
  },
  examples: ['npx millrace runs work_items', 'npx millrace runs work_items --since 7d --json'],
  run: async (args, io) => {
    const { showRuns } = await import('../show-runs.ts');
    const { openDeployment } = await import('../deployment/open-deployment.ts');
    return showRuns(args, io, openDeployment);
  },
};
