import * as z from 'zod';
import { kept } from '../model/kept.ts';

/** leases/…: who works on a feed. Advisory: nothing but cost depends on it. */
export const leaseRecord = kept({
  execution: z.string(),
  until: z.iso.datetime({ precision: 3 }),
  givesWay: z.boolean().optional(),
});
export type LeaseRecord = z.infer<typeof leaseRecord>;
