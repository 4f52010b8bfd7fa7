import * as z from 'zod';
import { map, text } from '../../model/kit.ts';
import { pagingForm } from './form.ts';
import { readParam, setParam } from './query.ts';
import { isLast, until, wantedOf } from './until.ts';

/** The first page's number where the feed names none. */
const FIRST = 1;

/** A parameter counts pages. */
export const page = pagingForm({
  head: 'page',
  schema: map({
    page: text.describe('Parameter that holds the number of the page'),
    from: z.int().min(0).optional().describe("The first page's number; default 1"),
    until,
  }),
  says: 'A parameter counts pages: 1, 2, …',
  isCounted: true,
  isAskedAhead: false,
  wanted: (next) => wantedOf(next.until),
  first: ({ page: name, from = FIRST }, request) => ({
    ...request,
    url: setParam(request.url, name, String(from)),
  }),
  follow: ({ page: name, from = FIRST, until: end }, read) => {
    if (isLast(end, read)) return undefined;
    const number = Number(readParam(read.request.url, name) ?? from);
    return { ...read.request, url: setParam(read.request.url, name, String(number + 1)) };
  },
});
