import * as z from 'zod';
import { kept } from '../model/kept.ts';

/** What ends a restart of a slice. */

/** slices/…-stalled-….json: a step that moved nothing in its execution's whole time; another execution that does so parks the batch. */
export const stallRecord = kept({ invocation: z.string(), execution: z.string() });

/** slices/…/refused-….json: what this restart and those before it read was unfit to seal, or was given up; none of it counts. */
export const refusalRecord = kept({ invocation: z.string(), error: z.string() });
