import * as z from 'zod';

/**
 * What the orchestrator and its child processes (S3, the warehouse) say to each other. The channel keeps order: when a
 * child has answered `flushed`, each event that it committed before has reached the parent.
 */

/** The environment variable that a child finds its arguments in, as JSON. */
export const CHILD_ARGUMENTS = 'MILLRACE_CHILD_ARGUMENTS';

/** An event as EventBridge hands it to rules (docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html). */
export const busEvent = z.strictObject({
  version: z.literal('0'),
  id: z.string(),
  'detail-type': z.string(),
  source: z.string(),
  account: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  detail: z.record(z.string(), z.unknown()),
});
export type BusEvent = z.infer<typeof busEvent>;

export const fromChild = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), url: z.string() }),
  /** In place of `ready`: what keeps it from starting, in words for people, where another try would change nothing. */
  z.strictObject({ type: z.literal('refused'), message: z.string() }),
  /** Sent again after a restart until it is acknowledged: at least once, in commit order. */
  z.strictObject({ type: z.literal('event'), id: z.number(), event: busEvent }),
  /** A fault that was asked for has struck. */
  z.strictObject({ type: z.literal('struck'), fault: z.string() }),
  /** `busy` counts the events that are journaled and not acknowledged, and whatever else the child has under way. */
  z.strictObject({ type: z.literal('flushed'), id: z.number(), busy: z.number() }),
]);
export type FromChild = z.infer<typeof fromChild>;

export const toChild = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ack'), id: z.number() }),
  z.strictObject({ type: z.literal('flush'), id: z.number() }),
  z.strictObject({ type: z.literal('stop') }),
  /** How far the parent's time is ahead of the machine's: time-ahead.ts. */
  z.strictObject({ type: z.literal('ahead'), ms: z.number() }),
  /** Each child has its own schema of faults. */
  z.strictObject({ type: z.literal('fault'), fault: z.unknown() }),
]);
export type ToChild = z.infer<typeof toChild>;
