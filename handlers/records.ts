import type { z } from 'zod';
import { InvalidInput } from '../shared/errors.ts';
import { readRecordText, toRecordText } from '../shared/state/record-text.ts';
import type { RecordStore } from './ports/record-store.ts';

/** Reads a record by its schema; undefined where there is none. Throws RecordTooNew, and InvalidInput with key and field. */
export const readRecord = async <T>(
  records: RecordStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> => {
  const text = await records.read(key);
  return text === undefined ? undefined : readRecordText(key, text, schema);
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

/** Puts a record unless there is one, and answers the record that stands: compare its invocation with one's own. */
export const putRecord = async <T extends object>(
  records: RecordStore,
  key: string,
  record: T,
  schema: z.ZodType<T>,
): Promise<T> => {
  const existing = await records.putIfAbsent(key, toRecordText(record));
  return existing === undefined ? record : readRecordText(key, existing, schema);
};
