import * as z from 'zod';

/** What the sweep is given and gives. */

export const sweepInput = z.strictObject({ scheduledTime: z.iso.datetime({ offset: true }) });
export type SweepInput = z.infer<typeof sweepInput>;
export const sweepOutput = z.strictObject({
  continued: z.int(),
  loadsStarted: z.int(),
  settled: z.int(),
  cancelled: z.int(),
  orphansRemoved: z.int(),
});
export type SweepOutput = z.infer<typeof sweepOutput>;
