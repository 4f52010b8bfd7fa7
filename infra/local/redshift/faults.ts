import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';

/** What the warehouse does wrong on purpose, `times` times (1 where absent). */
const fault = z.strictObject({
  kind: z.enum([
    /** The next statement to run fails as one in a cycle of transactions. */
    'isolation',
    /** The next request to end sends no event. */
    'loseEvent',
    /** The next request to start is aborted. */
    'abort',
    /** The next call is refused with ThrottlingException. */
    'throttle',
  ]),
  times: z.int().min(1).default(1),
});
export type FaultKind = z.infer<typeof fault>['kind'];

export interface Faults {
  /** Takes a fault in. Throws InvalidInput for one that it does not know. */
  arm(raw: unknown): void;
  /** Whether the fault is due, which then has happened once. */
  take(kind: FaultKind): boolean;
}

export const createFaults = (): Faults => {
  const due = new Map<FaultKind, number>();
  return {
    arm: (raw) => {
      const parsed = fault.safeParse(raw);
      if (!parsed.success) throw new InvalidInput(`warehouse fault: ${z.prettifyError(parsed.error)}`);
      due.set(parsed.data.kind, (due.get(parsed.data.kind) ?? 0) + parsed.data.times);
    },
    take: (kind) => {
      const left = due.get(kind) ?? 0;
      if (left > 0) due.set(kind, left - 1);
      return left > 0;
    },
  };
};
