import * as z from 'zod';
import { InvalidInput, RecordTooNew } from '../errors.ts';
import { describeIssues } from '../model/describe-issues.ts';
import { FIRST_DISPOSITIONS } from '../model/disposition.ts';

/** How a record stands in S3: one JSON object, with `v`, the version of what it means. */

/**
 * The highest version that is read. Raised only where a reader of the version before would do something wrong with a record. A key that is
 * new, and that such a reader may pass over, raises nothing: so an older release goes on loading what a newer one sealed.
 */
export const RECORD_VERSION = 4;

const contracted = z.object({
  tables: z.array(
    z.object({
      deletes: z.object({}).optional(),
      marks: z.boolean().optional(),
      disposition: z.string(),
    }),
  ),
  compares: z.object({}).optional(),
  swaps: z.object({}).optional(),
});
/** Of a batch or a load, and of a plan. */
const withContract = z.object({
  contract: contracted.optional(),
  definition: z.object({ contract: contracted }).optional(),
});

/**
 * The lowest version whose readers do right by a record. 2 is for tombstones and history: a reader of 1 passes over `deletes`, makes a
 * table of them in the warehouse, and deletes nothing; and a disposition that it does not know is no record to it, so that the batch would be
 * parked, where it only has to wait for a release that reads it. 3 is for comparisons: a reader of 2 would make a table of the keys, and leave
 * a row marked that came again. 4 is for what ends a rebuild: a reader of 3 would take it for an empty batch, and give no table another name.
 */
const versionOf = (record: object): number => {
  const { contract, definition } = withContract.safeParse(record).data ?? {};
  const { tables = [], compares, swaps } = contract ?? definition?.contract ?? {};
  if (swaps !== undefined) return 4;
  if (compares !== undefined || tables.some(({ marks }) => marks === true)) return 3;
  return tables.some(
    (table) => table.deletes !== undefined || !FIRST_DISPOSITIONS.includes(table.disposition),
  )
    ? 2
    : 1;
};

export const toRecordText = (record: object): string => JSON.stringify({ v: versionOf(record), ...record });

/** Reads a record by its schema. Throws RecordTooNew, and InvalidInput with key and field. */
export type ReadRecordText = <T>(key: string, text: string, schema: z.ZodType<T>) => T;

/** How a release reads that knows no version above this one. */
export const recordReader =
  (highest: number): ReadRecordText =>
  (key, text, schema) => {
    const { v, ...record } = toObject(key, text);
    if (typeof v !== 'number' || !Number.isSafeInteger(v) || v < 1) {
      const got = v === undefined ? 'none' : JSON.stringify(v);
      throw new InvalidInput(`record ${key}: v: got ${got}, allowed a version, 1 to ${highest}`);
    }
    if (v > highest) {
      throw new RecordTooNew(
        `record ${key} is of version ${v}, allowed up to ${highest}: a newer release wrote it; deploy that release, or a later one`,
      );
    }
    const parsed = schema.safeParse(record);
    if (parsed.success) return parsed.data;
    throw new InvalidInput(`record ${key}: ${describeIssues(parsed.error)}`);
  };

export const readRecordText = recordReader(RECORD_VERSION);

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
