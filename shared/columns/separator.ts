import * as z from 'zod';
import { sourceText } from '../model/kit.ts';
import { many } from './many.ts';
import { option } from './option.ts';

export const separator = option({
  key: 'separator',
  schema: sourceText,
  says: 'Between the values of `join`. Default a comma.',
  kept: z.string(),
  keep: (written) => written ?? ',',
  check: (_, column) => (column.get(many) === 'join' ? [] : ['allowed with many: join only']),
});
