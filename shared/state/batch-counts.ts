import * as z from 'zod';
import { kept } from '../model/kept.ts';

/** What batches hold together, noted by who plans their load, so that nobody reads them again to tell: records of their documents, rows of their part files by `schema.table`, and rejects. */
export const batchCounts = kept({
  records: z.int(),
  staged: z.record(z.string(), z.int()),
  rejected: z.int(),
});
