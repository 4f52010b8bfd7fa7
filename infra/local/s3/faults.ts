import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';

/** What S3 promises to do to its callers now and then, on demand; all of it is off by default. */
const fault = z.strictObject({
  kind: z.enum([
    /** 503 SlowDown before anything is done. */
    'slowDown',
    /** 409 ConditionalRequestConflict to a conditional write. */
    'conflict',
    /** A write is committed and the connection cut before its reply. */
    'loseReply',
    /** A write is committed and answered 500. */
    'errorAfterCommit',
    /** A GET announces its whole length and is cut in the middle. */
    'truncateGet',
  ]),
  /** Requests it strikes: keys, or listings of a prefix, that start with this. */
  prefix: z.string().default(''),
  /** How many requests it strikes; 0 switches it off. */
  count: z.int().min(0),
  /** Whether it strikes so many requests of each key. */
  isPerKey: z.boolean().default(false),
});
export type S3FaultKind = z.infer<typeof fault>['kind'];

export interface S3Faults {
  /** Adds a fault, in the place of an earlier one of its kind and prefix. Throws InvalidInput. */
  set(fault: unknown): void;
  /** Whether a fault strikes this request; it is used up by that. */
  strikes(kind: S3FaultKind, key: string): boolean;
}

/** The faults of one server; a new process has none. `onStruck` is told the kind and the prefix. */
export const openFaults = (onStruck: (fault: string) => void): S3Faults => {
  const left = new Map<string, z.infer<typeof fault>>();
  const struckOf = new Map<string, Map<string, number>>();
  return {
    set: (raw) => {
      const parsed = fault.safeParse(raw);
      if (!parsed.success) throw new InvalidInput(`fault of S3: ${z.prettifyError(parsed.error)}`);
      const name = `${parsed.data.kind} ${parsed.data.prefix}`;
      left.set(name, parsed.data);
      struckOf.set(name, new Map());
    },
    strikes: (kind, key) => {
      for (const [name, found] of left) {
        if (found.kind !== kind || found.count === 0 || !key.startsWith(found.prefix)) continue;
        const struck = struckOf.get(name)?.get(key) ?? 0;
        if (found.isPerKey && struck === found.count) continue;
        if (found.isPerKey) struckOf.get(name)?.set(key, struck + 1);
        else left.set(name, { ...found, count: found.count - 1 });
        onStruck(name);
        return true;
      }
      return false;
    },
  };
};
