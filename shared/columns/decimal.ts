import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { fail, quoted } from '../values/failure.ts';
import { group } from './group.ts';
import { isNumber, NUMBERS } from './number-notation.ts';
import { option } from './option.ts';

const words = z.enum(['.', ',']);

export const decimal = option({
  key: 'decimal',
  schema: words,
  says: 'What stands before the fraction of a number: `"."` (default) or `","`.',
  kept: words.optional(),
  keep: (written) => (written === '.' ? undefined : written),
  check: (written, { type, get }) => [
    ...(isNumber(type) ? [] : [`got type ${printColumnType(type)}, allowed for ${NUMBERS}`]),
    ...(get(group) === written ? [`got '${written}' for both, allowed another than group has`] : []),
  ],
  link: (kept) => {
    if (kept === undefined) return {};
    return {
      text: (text) =>
        text.includes('.')
          ? fail(`${quoted(text)} has a point, allowed ${quoted(kept)} before the fraction`)
          : text.replace(kept, '.'),
    };
  },
});
