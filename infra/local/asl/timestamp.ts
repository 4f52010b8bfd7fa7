/**
 * An RFC 3339 time as Step Functions takes it: an upper-case T, and Z or a numeric offset
 * (docs.aws.amazon.com/step-functions/latest/dg/state-wait.html).
 */
const FORM =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Milliseconds since 1970; undefined for what is no such time, 30 February too. */
export const parseTimestamp = (value: unknown): number | undefined => {
  const day = typeof value === 'string' ? FORM.exec(value)?.[1] : undefined;
  if (day === undefined) return undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  return Date.parse(String(value));
};
