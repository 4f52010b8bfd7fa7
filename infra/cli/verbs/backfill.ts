import { feeds, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const backfill: Verb = {
  summary: 'read a range of a feed again, beside its schedule',
  operands: { usage: 'FEED', min: 1, max: 1 },
  options: {
    from: { value: 'TIME', help: 'where the range begins: of the cursor, or of when files landed' },
    to: { value: 'TIME', help: 'where it ends; rows of this very time are not read' },
    partition: { value: 'P', help: 'only this partition; default all' },
    again: { help: 'also where the same range was asked for before' },
    cancel: {
      value: 'REQUEST',
      help: 'give up a range that is under way instead, as status names it; what of it is sealed stays loaded',
    },
    secrets,
    feeds,
    ...place,
  },
  examples: [
    'npx millrace backfill work_items --from 2026-01-01 --to 2026-02-01',
    'npx millrace backfill work_items --cancel 4f0c2a91b7de',
  ],
  run: async (args, io) => {
    if (args.values.has('cancel')) {
      const { cancel } = await import('../cancel.ts');
      const { openToMark } = await import('../deployment/open-to-mark.ts');
      return cancel(args, io, openToMark);
    }
    const { backfill: run } = await import('../backfill.ts');
    const { openToChange } = await import('../deployment/open-to-change.ts');
    return run(args, io, openToChange);
  },
};
