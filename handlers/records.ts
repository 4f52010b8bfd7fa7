import type { z } from 'zod';
import { InvalidInput } from '../shared/errors.ts';
import { describeIssues } from './config.ts';
import type { RecordStore } from './ports/record-store.ts';

/** Reads a record by its schema; undefined where there is none. Throws InvalidInput with key and field. */
export const readRecord = async <T>(
  records: RecordStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> => {
  const text = await records.read(key);
  return text === undefined ? undefined : parseRecord(key, text, schema);
};

/** Reads a record that must be there. Throws InvalidInput also where there is none. */
export const readKnownRecord = async <T>(
  records: RecordStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<T> => {
  const record = await readRecord(records, key, schema);
  if (record === undefined) throw new InvalidInput(`record ${key} does not exist`);
  return record;
};

/** Puts a record unless there is one, and answers the record that stands: compare its attempt with one's own. */
export const putRecord = async <T>(
  records: RecordStore,
  key: string,
  record: T,
  schema: z.ZodType<T>,
): Promise<T> => {
  const existing = await records.putIfAbsent(key, JSON.stringify(record));
  return existing === undefined ? record : parseRecord(key, existing, schema);
};

const parseRecord = <T>(key: string, text: string, schema: z.ZodType<T>): T => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`record ${key} is not JSON`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`record ${key}: ${describeIssues(parsed.error)}`);
};
