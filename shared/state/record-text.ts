import type { z } from 'zod';
import { InvalidInput, RecordTooNew } from '../errors.ts';
import { describeIssues } from '../model/describe-issues.ts';

/** How a record stands in S3: one JSON object, with `v`, the version of what it means. */

/**
 * Raised only where a reader of the version before would do something wrong with the record. A key that is new, and that such a
 * reader may pass over, raises nothing: so an older release goes on loading what a newer one sealed.
 */
export const RECORD_VERSION = 1;

export const toRecordText = (record: object): string => JSON.stringify({ v: RECORD_VERSION, ...record });

/** Reads a record by its schema. Throws RecordTooNew, and InvalidInput with key and field. */
export const readRecordText = <T>(key: string, text: string, schema: z.ZodType<T>): T => {
  const { v, ...record } = toObject(key, text);
  if (typeof v !== 'number' || !Number.isSafeInteger(v) || v < 1) {
    const got = v === undefined ? 'none' : JSON.stringify(v);
    throw new InvalidInput(`record ${key}: v: got ${got}, allowed a version, 1 to ${RECORD_VERSION}`);
  }
  if (v > RECORD_VERSION) {
    throw new RecordTooNew(
      `record ${key} is of version ${v}, allowed up to ${RECORD_VERSION}: a newer release wrote it; deploy that release, or a later one`,
    );
  }
  const parsed = schema.safeParse(record);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`record ${key}: ${describeIssues(parsed.error)}`);
};

const toObject = (key: string, text: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`record ${key} is not JSON`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new InvalidInput(`record ${key} is not a JSON object`);
};
