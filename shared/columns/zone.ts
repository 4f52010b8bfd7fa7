import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { fail, quoted } from '../values/failure.ts';
import { isFailure } from '../values/found.ts';
import { isZone, toInstant } from '../values/zone.ts';
import { option } from './option.ts';

export const zone = option({
  key: 'zone',
  schema: z.string().refine((name) => name === 'UTC' || (/^[A-Za-z_]+\/\w/.test(name) && isZone(name)), {
    error: 'UTC, or Area/City as in Europe/Berlin',
  }),
  says:
    'Where the clocks are whose times have no offset, of a timestamptz: `UTC`, or `Europe/Berlin`. A plain date is its midnight there. ' +
    'An offset in the text wins. Of a time that the clocks showed twice, when daylight saving ends, it is the first; one that they skipped is a reject.',
  kept: z.string().optional(),
  keep: (written) => written,
  check: (_, { type }) =>
    type.kind === 'timestamptz' ? [] : [`got type ${printColumnType(type)}, allowed for timestamptz`],
  link: (kept) => {
    if (kept === undefined) return {};
    const instantOf = toInstant(kept);
    return {
      time: (read) => (text) => {
        const at = read(text);
        if (at === undefined || isFailure(at) || at.hasOffset) return at;
        const ms = instantOf(at.ms);
        if (ms === undefined) return fail(`${quoted(text)} is a time that the clocks of ${kept} skipped`);
        return { ...at, ms, hasOffset: true };
      },
    };
  },
});
