import { placeOf } from '../page-place.ts';
import { json, place } from './places.ts';
import type { Verb } from './verb.ts';

export const cost: Verb = {
  summary: 'what feeds cost, from what ran: by part, per million rows, and projected to a month',
  operands: { usage: '[FEED]', min: 0, max: 1 },
  options: {
    since: { value: 'DURATION', default: '7d', help: 'what ran for so long: 6h, 1d, 30d' },
    prices: {
      value: 'FILE',
      help: `prices of your own as JSON, as {"rpuHours": 0.36}; ${placeOf('cost')} has all names`,
    },
    rpu: { value: 'N', help: 'capacity of the warehouse in RPU; default its base capacity' },
    json,
    ...place,
  },
  examples: [
    'npx millrace cost',
    'npx millrace cost work_items --since 30d --json',
    'npx millrace cost --rpu 4',
  ],
  run: async (args, io) => {
    const { showCost } = await import('../cost/show-cost.ts');
    const { openCosted } = await import('../cost/open-costed.ts');
    return showCost(args, io, openCosted);
  },
};
