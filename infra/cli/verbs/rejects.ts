import { json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const rejects: Verb = {
  summary: "a feed's rejected rows, with reason and place",
  operands: { usage: 'FEED', min: 1, max: 2 },
  options: {
    batch: { value: 'B', help: 'of this batch alone' },
    rows: { value: 'N', default: '100', help: 'how many rows are told, the newest batch first' },
    json,
    ...place,
  },
  examples: ['millrace rejects work_items', 'millrace rejects inspections --rows 10000 --json'],
  run: async (args, io) => {
    const { showRejects } = await import('../show-rejects.ts');
    const { openDeployment } = await import('../deployment/open-deployment.ts');
    return showRejects(args, io, openDeployment);
  },
};
