import type { Failure } from './failure.ts';

/** What a path gave once: text, null where the source says nil, or a failure where the element is not a value. */
export type Found = string | null | Failure;

export const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'reason' in value;
