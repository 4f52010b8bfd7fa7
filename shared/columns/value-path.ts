import * as z from 'zod';
import { path } from '../model/kit.ts';
import { many } from './many.ts';
import { option } from './option.ts';

export const valuePath = option({
  key: 'valuePath',
  schema: path,
  says: 'The value of each match of `many: map`: a path below the match.',
  kept: z.string().optional(),
  keep: (written) => written,
  check: (_, column) => (column.get(many) === 'map' ? [] : ['allowed with many: map only']),
});
