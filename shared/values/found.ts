import type { Failure } from './failure.ts';

/**
 * What a path gave once: text, null where the source says nil, a failure where the element is not a value, a key with its value, or an
 * element as JSON.
 */
export type Found = string | null | Failure | Pair | Json;

/** An element with all that is in it, as compact JSON. */
export interface Json {
  readonly json: string;
}

/** What one element of a map holds; a map wants one of each. */
export interface Pair {
  readonly keys: readonly Found[];
  readonly values: readonly Found[];
}

export const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'reason' in value;

export const isPair = (value: unknown): value is Pair =>
  typeof value === 'object' && value !== null && 'keys' in value;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && 'json' in value;
