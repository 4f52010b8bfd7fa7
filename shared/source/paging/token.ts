import * as z from 'zod';
import { map, path, text } from '../../model/kit.ts';
import { pagingForm } from './form.ts';
import { keepParams, setParam } from './query.ts';

/** The document has a token that the next request sends back: OAI-PMH `resumptionToken`, OData `$skiptoken`, SOAP cursors. */
export const token = pagingForm({
  head: 'token',
  schema: map({
    token: path.describe("Absolute path of the next page's token"),
    param: text
      .optional()
      .describe('Parameter that sends it back; without it the requests name ${next.token}'),
    keep: z
      .array(text)
      .optional()
      .describe('Parameters that stay beside it; default all, as in [verb] for OAI-PMH'),
  }),
  says: 'The document has a token that the next request sends back; no match or an empty one ends the paging.',
  isCounted: false,
  isAskedAhead: false,
  wanted: (next) => ({ token: next.token }),
  follow: ({ param, keep }, { wanted, request, again }) => {
    const value = wanted.token?.trim() ?? '';
    if (value === '') return undefined;
    if (param === undefined) return again(value);
    const url = keep === undefined ? request.url : keepParams(request.url, keep);
    return { ...request, url: setParam(url, param, value) };
  },
});
