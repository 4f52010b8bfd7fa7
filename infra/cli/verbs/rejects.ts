import { feeds, json, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const rejects: Verb = {
  summary: "a feed's rejected rows, with reason and place",
  operands: { usage: 'FEED, or replay FEED', min: 1, max: 2 },
  options: {
    batch: { value: 'B', help: 'of this batch alone' },
    rows: { value: 'N', default: '100', help: 'how many rows are told, the newest batch first' },
    json,
    secrets,
    feeds,
    ...place,
  },
  examples: [
    'npx millrace rejects inspections --rows 10000 --json',
    'npx millrace rejects replay inspections',
  ],
  run: async (args, io) => {
    if (args.operands[0] === 'replay' && args.operands.length === 2) {
      const { replay } = await import('../backfill.ts');
      const { openToChange } = await import('../deployment/open-to-change.ts');
      return replay(args, io, openToChange);
    }
    const { showRejects } = await import('../show-rejects.ts');
    const { openDeployment } = await import('../deployment/open-deployment.ts');
    return showRejects(args, io, openDeployment);
  },
};
