import * as z from 'zod';
import { DocumentMismatch } from '../../errors.ts';
import { map, path } from '../../model/kit.ts';

/** What a source says itself of how many records there are: fewer or more were read means that some are missing or were read twice. */

export const total = map({
  path: path.describe('Absolute path of a count of records'),
  of: z
    .enum(['page', 'all'])
    .describe('What it counts: the records of its own page, or of all pages of the slice'),
});
export type Total = z.infer<typeof total>;

/** The name that its value has among the values that are wanted of a document. */
export const TOTAL = 'records in total';

/** What was read up to a page's end: records of the page, and of the slice; whether the slice ends there. */
export interface Counted {
  readonly ofPage: number;
  readonly ofSlice: number;
  readonly isLast: boolean;
}

/** Throws DocumentMismatch where a page has no count, or another one than was read. */
export const reconcile = (
  { path: at, of }: Total,
  value: string | undefined,
  { ofPage, ofSlice, isLast }: Counted,
  place: string,
): void => {
  const text = value?.trim() ?? '';
  if (!/^\d{1,15}$/.test(text)) {
    const got = value === undefined ? 'nothing' : JSON.stringify(text.slice(0, 60));
    throw new DocumentMismatch(`${place} has ${got} at ${at}, which total names, allowed a count of records`);
  }
  if (of === 'page' ? ofPage === Number(text) : !isLast || ofSlice === Number(text)) return;
  const [read, what] = of === 'page' ? [ofPage, 'the page has'] : [ofSlice, 'the slice ends with'];
  throw new DocumentMismatch(
    `${place}: ${what} ${read} records, allowed ${Number(text)}, the total that the source says at ${at}: the set has changed meanwhile, or rows, next or total count something else`,
  );
};
