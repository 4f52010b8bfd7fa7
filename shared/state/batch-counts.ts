import * as z from 'zod';
import { kept } from '../model/kept.ts';

/** What batches hold together: records of their documents, rows of their part files by `schema.table`, and rejects. */
export const batchCounts = kept({
  records: z.int(),
  staged: z.record(z.string(), z.int()),
  rejected: z.int(),
});
