import * as z from 'zod';
import { map } from '../../model/kit.ts';
import { pagingForm } from './form.ts';
import { readNextLink } from './link-header.ts';

/** The answer's `Link` header has the next page's URL (RFC 8288). */
export const header = pagingForm({
  head: 'header',
  schema: map({ header: z.literal('Link').describe('Link: the header of RFC 8288, with rel="next"') }),
  says: 'The answer\'s header `Link: <…>; rel="next"` has the next page\'s URL; without one the paging ends.',
  isCounted: false,
  isAskedAhead: true,
  wanted: () => ({}),
  follow: (_, { header: read, answeredBy }) => {
    const target = readNextLink(read('link') ?? '', answeredBy);
    return target === undefined ? undefined : { url: target };
  },
});
