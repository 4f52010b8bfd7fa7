import { feeds, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const rebuild: Verb = {
  summary: 'make the tables of a feed anew by its mapping of now, and swap them in',
  operands: { usage: 'TABLE', min: 1, max: 1 },
  options: {
    yes: { help: 'begin without asking' },
    cancel: { help: 'give up one that is under way instead: the tables that are there stay' },
    secrets,
    feeds,
    ...place,
  },
  examples: ['npx millrace rebuild ewm.work_items', 'npx millrace rebuild ewm.work_items --yes --env prod'],
  run: async (args, io) => {
    const { openToChange } = await import('../deployment/open-to-change.ts');
    const { cancelRebuild, rebuildTable } = await import('../rebuild.ts');
    return (args.flags.has('cancel') ? cancelRebuild : rebuildTable)(args, io, openToChange);
  },
};
