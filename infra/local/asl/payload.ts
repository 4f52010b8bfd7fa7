import { STATES, StatesError } from './states-error.ts';

/** Hard limit of every payload: docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_PAYLOAD_BYTES = 262_144;

/** The bytes of a value as JSON. Throws `States.DataLimitExceeded` for more than 256 KiB. */
export const checkSize = (value: unknown, what: string): number => {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes <= MAX_PAYLOAD_BYTES) return bytes;
  throw new StatesError(STATES.dataLimit, `${what} has ${bytes} bytes of JSON, at most ${MAX_PAYLOAD_BYTES}`);
};
