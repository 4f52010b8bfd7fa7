import type { Redactor } from './redactor.ts';

type Redact = Redactor['redact'];

/**
 * A value with every text in it redacted, names of members too. An error stays the same object of the same class, so that its name
 * still decides what becomes of it: its message, its stack, its causes and all else that a log shows of it are changed in place.
 */
export const redactDeep = (value: unknown, redact: Redact): unknown => redactValue(value, redact, new Set());

const redactValue = (value: unknown, redact: Redact, seen: Set<unknown>): unknown => {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return value;
  seen.add(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact, seen));
  if (value instanceof Error) {
    return Object.isFrozen(value) ? standIn(value, redact) : redactError(value, redact, seen);
  }
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [redact(name), redactValue(member, redact, seen)]),
  );
};

const redactError = (error: Error, redact: Redact, seen: Set<unknown>): Error => {
  for (const key of new Set([...Object.getOwnPropertyNames(error), 'message', 'stack'])) {
    const before: unknown = Reflect.get(error, key);
    const after = key === 'name' ? before : redactValue(before, redact, seen);
    if (after === before) continue;
    const enumerable = Object.getOwnPropertyDescriptor(error, key)?.enumerable ?? false;
    Reflect.defineProperty(error, key, { value: after, enumerable, writable: true, configurable: true });
  }
  return error;
};

/** Of an error that nobody can change. */
const standIn = ({ name, message }: Error, redact: Redact): Error =>
  Object.assign(new Error(redact(message)), { name });

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
