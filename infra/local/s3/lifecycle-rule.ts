import * as z from 'zod';

const afterDays = z.int().min(1);

/** What is to happen to a whole bucket by and by. */
export const lifecycleRule = z.discriminatedUnion('action', [
  /** Of uploads that nobody has completed. */
  z.strictObject({ action: z.literal('abortUploads'), afterDays }),
  /** Of versions that another has hidden so long ago. */
  z.strictObject({ action: z.literal('removeNoncurrent'), afterDays }),
  /** Of objects, in a bucket that keeps no versions. */
  z.strictObject({ action: z.literal('remove'), afterDays }),
  /** Of delete markers that hide no version any more. */
  z.strictObject({ action: z.literal('removeLoneMarkers') }),
]);
export type LifecycleRule = z.infer<typeof lifecycleRule>;
