import * as z from 'zod';
import { DocumentMismatch } from '../../errors.ts';
import { map, text } from '../../model/kit.ts';
import { type PageRead, pagingForm } from './form.ts';
import { readParam, setParam } from './query.ts';
import { isLast, until, wantedOf } from './until.ts';

/** A parameter counts records. */
export const offset = pagingForm({
  head: 'offset',
  schema: map({
    offset: text.describe('Parameter that holds how many records to skip'),
    by: z
      .union([z.int().min(1), text])
      .describe('Records of a page: a number, or the parameter that has it, as in size'),
    from: z.int().min(0).optional().describe("The first page's offset; default 0"),
    until,
  }),
  says: 'A parameter counts the records before the page: 0, 500, 1000, …',
  isCounted: true,
  isAskedAhead: false,
  wanted: (next) => wantedOf(next.until),
  first: ({ offset: name, from = 0 }, request) => ({
    ...request,
    url: setParam(request.url, name, String(from)),
  }),
  follow: ({ offset: name, by, from = 0, until: end }, read) => {
    if (isLast(end, read)) return undefined;
    const pageSize = readSize(by, read);
    const at = Number(readParam(read.request.url, name) ?? from);
    if (typeof end === 'object') refuseShort(read, pageSize, at);
    else refuseGap(read, { pageSize, at, from });
    return { ...read.request, url: setParam(read.request.url, name, String(at + pageSize)) };
  },
});

const readSize = (by: number | string, { request: { url }, answeredBy }: PageRead): number => {
  const size = typeof by === 'number' ? by : Number(readParam(url, by));
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw new DocumentMismatch(
    `${answeredBy} was asked for without a number in the parameter ${String(by)}, which next.by names`,
  );
};

/** Where nothing but an empty page is the end, that a page was short is known when the next one has records. */
const refuseGap = (
  { recordsBefore, answeredBy }: PageRead,
  { pageSize, at, from }: { readonly pageSize: number; readonly at: number; readonly from: number },
): void => {
  if (recordsBefore >= at - from) return;
  throw new DocumentMismatch(
    `${answeredBy} has records at offset ${at} though the pages before gave ${recordsBefore}, allowed ${at - from} by next.by (${pageSize} a page); write the number that the server gives at most`,
  );
};

/** A page in the middle that is short means that the server gives fewer than it is asked for: the rest would be skipped. */
const refuseShort = ({ records, answeredBy }: PageRead, pageSize: number, at: number): void => {
  if (records >= pageSize) return;
  throw new DocumentMismatch(
    `${answeredBy} gave ${records} records at offset ${at} though more follow, allowed ${pageSize} by next.by; write the number that the server gives at most`,
  );
};
