import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';

/** What the warehouse does wrong on purpose, `times` times (1 where absent); 0 switches it off. */
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
    /** The next statement that has the text `of` in it fails with what `says` says. */
    'refuse',
    /** The next statement is refused with ValidationException, as `says` says: the warehouse is paused or gone. What was accepted goes on. */
    'away',
  ]),
  of: z.string().default(''),
  says: z.string().default('permission denied for relation'),
  times: z.int().min(0).default(1),
});
export type FaultKind = z.infer<typeof fault>['kind'];

export interface Faults {
  /** Takes a fault in. Throws InvalidInput for one that it does not know. */
  arm(raw: unknown): void;
  /** What is due, for this text, which then has happened once. */
  take(kind: FaultKind, text?: string): { readonly says: string } | undefined;
}

/** `onStruck` is told the kind. */
export const createFaults = (onStruck: (kind: FaultKind) => void = () => {}): Faults => {
  const due = new Map<string, z.infer<typeof fault>>();
  return {
    arm: (raw) => {
      const parsed = fault.safeParse(raw);
      if (!parsed.success) throw new InvalidInput(`warehouse fault: ${z.prettifyError(parsed.error)}`);
      const name = `${parsed.data.kind} ${parsed.data.of}`;
      const { times } = parsed.data;
      if (times === 0) due.delete(name);
      else due.set(name, { ...parsed.data, times: (due.get(name)?.times ?? 0) + times });
    },
    take: (kind, text = '') => {
      for (const [name, one] of due) {
        if (one.kind !== kind || !text.includes(one.of)) continue;
        if (one.times === 1) due.delete(name);
        else due.set(name, { ...one, times: one.times - 1 });
        onStruck(kind);
        return one;
      }
      return undefined;
    },
  };
};
