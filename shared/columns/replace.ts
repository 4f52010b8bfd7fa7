import * as z from 'zod';
import { sourceText } from '../model/kit.ts';
import { option } from './option.ts';

export const replace = option({
  key: 'replace',
  schema: z.record(z.string(), z.union([sourceText, z.null()])),
  says: 'Whole texts and what stands in their place, as in `{ "N/A": null, yes: "true" }`: null is no value. After `trim` and `empty`.',
  kept: z.record(z.string(), z.string().nullable()).optional(),
  keep: (written) => written,
  link: (kept) => {
    const texts = new Map(Object.entries(kept ?? {}));
    return { each: (text) => (texts.has(text) ? (texts.get(text) ?? null) : text) };
  },
});
