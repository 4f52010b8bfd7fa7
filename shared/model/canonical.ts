import { createHash } from 'node:crypto';
import type { Contract } from './contract.ts';
import type { Feed } from './feed.ts';

/** A value of JSON; keys whose value is undefined count as absent. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON text that is the same for equal values: keys sorted by UTF-16 units, absent keys left out, no spaces. */
export const canonicalJson = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`];
    });
  return `{${members.join(',')}}`;
};

const isList = (value: object): value is readonly Json[] => Array.isArray(value);

/** Hex digits of a hash: enough for every version that one feed will ever have. */
const HASH_DIGITS = 16;

const hash = (value: Json): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HASH_DIGITS);

/** The contract with its hash: the first 16 hex digits of the SHA-256 of the rest, as canonical JSON. */
export const hashContract = (rest: Omit<Contract, 'hash'>): Contract => ({ ...rest, hash: hash(rest) });

/**
 * The hash of all that decides what a plan reads and how it is judged: the feed but for its description, schedule, loading, comparison, alerts and whether it is held, so that a feed that
 * was mended is planned anew. Where an empty window fails, its end `to` decides too, or no later schedule could look further. So does the
 * document `expanded` that ranges are read of: objects by their keys.
 */
export const hashDefinition = (
  feed: Feed,
  to: string | undefined,
  expanded?: readonly string[] | undefined,
): string => {
  const {
    description: _,
    schedule: __,
    load: ___,
    comparison: ____,
    alerts: _____,
    paused: ______,
    ...rest
  } = feed;
  return hash({ ...rest, ...(feed.onEmpty === 'fail' ? { to } : {}), expanded });
};

/** In the place of a definition's hash, for what no definition decides: expanding one version of a compressed object. */
export const EXPANDS = hash('expands');
