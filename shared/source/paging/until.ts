import * as z from 'zod';
import { DocumentMismatch } from '../../errors.ts';
import { map, path } from '../../model/kit.ts';
import type { PageRead } from './form.ts';

/** When paging that counts ends: at the first page without a record, or when the source's own total is reached. */
export const until = z
  .union([z.literal('empty'), map({ total: path })])
  .optional()
  .describe(
    'empty: the first page without a record is the end (default); { total: PATH }: so many records are',
  );
export type Until = z.infer<typeof until>;

export const wantedOf = (end: Until): Readonly<Record<string, string>> =>
  typeof end === 'object' ? { total: end.total } : {};

/** Whether a page is the last one. Throws DocumentMismatch where its total is no count, fewer than the page has, or more than the pages gave. */
export const isLast = (end: Until, { records, recordsBefore, wanted, answeredBy }: PageRead): boolean => {
  if (typeof end !== 'object') return records === 0;
  const total = wanted.total?.trim() ?? '';
  if (!/^\d{1,15}$/.test(total)) {
    const got = wanted.total === undefined ? 'nothing' : JSON.stringify(total.slice(0, 60));
    throw new DocumentMismatch(`${answeredBy} has ${got} at ${end.total}, allowed a count of records`);
  }
  if (records > Number(total)) {
    throw new DocumentMismatch(
      `${answeredBy} has ${records} records, allowed ${total}, the total that it says itself at ${end.total}; name the count of all records there`,
    );
  }
  if (recordsBefore + records >= Number(total)) return true;
  if (records > 0) return false;
  throw new DocumentMismatch(
    `${answeredBy} has no record after ${recordsBefore}, allowed ${total}, the total that it says itself`,
  );
};
