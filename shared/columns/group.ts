import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { fail, quoted } from '../values/failure.ts';
import { isNumber, NUMBERS } from './number-notation.ts';
import { option } from './option.ts';

const words = z.enum(['.', ',', ' ', "'", '_']);

export const group = option({
  key: 'group',
  schema: words,
  says: 'What stands between groups of three digits of a number, as in `"."` for 1.234.567: one of `. , \' _` or a space. Default nothing.',
  kept: words.optional(),
  keep: (written) => written,
  check: (_, { type }) =>
    isNumber(type) ? [] : [`got type ${printColumnType(type)}, allowed for ${NUMBERS}`],
  link: (kept) => {
    if (kept === undefined) return {};
    // Groups of another length were written in another notation: to leave their marks out would change the number.
    const grouped = new RegExp(`^[+-]?\\d{1,3}(?:[${kept}]\\d{3})+(?!\\d)`);
    return {
      text: (text) => {
        if (!text.includes(kept)) return text;
        const [whole] = grouped.exec(text.slice(0, LONGEST)) ?? [];
        const rest = text.slice(whole?.length ?? 0);
        if (whole === undefined || rest.includes(kept))
          return fail(`${quoted(text)} is not a number with groups of three digits by ${quoted(kept)}`);
        return whole.replaceAll(kept, '') + rest;
      },
    };
  },
});

/** Characters looked at: a number that is longer is refused all the same. */
const LONGEST = 2000;
