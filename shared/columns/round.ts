import * as z from 'zod';
import { printColumnType } from '../model/column-type.ts';
import { roundHalfUp } from '../values/numbers.ts';
import { option } from './option.ts';

export const round = option({
  key: 'round',
  schema: z.literal(true),
  says: '`true` rounds a decimal that has more digits than the scale: half up, away from zero. Without it such a value is a reject.',
  kept: z.literal(true).optional(),
  keep: (written) => written,
  check: (_, { type }) =>
    type.kind === 'decimal' ? [] : [`got type ${printColumnType(type)}, allowed for decimal`],
  link: (kept, { type }) => {
    if (kept === undefined || type.kind !== 'decimal') return {};
    const { scale } = type;
    return { text: (text) => roundHalfUp(text, scale) };
  },
});
