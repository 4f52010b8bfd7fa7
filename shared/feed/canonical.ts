import { createHash } from 'node:crypto';
import type { Contract } from './contract.ts';

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

/** Hex digits of a contract's hash: enough for every version that one feed will ever have. */
const HASH_DIGITS = 16;

/** The contract with its hash: the first 16 hex digits of the SHA-256 of the rest, as canonical JSON. */
export const hashContract = (rest: Omit<Contract, 'hash'>): Contract => ({
  ...rest,
  hash: createHash('sha256').update(canonicalJson(rest)).digest('hex').slice(0, HASH_DIGITS),
});
