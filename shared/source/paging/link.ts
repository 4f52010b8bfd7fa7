import { map, path } from '../../model/kit.ts';
import { pagingForm } from './form.ts';

/** The document has the next page's URL: Jazz `@href`, Atom `link[@rel='next']/@href`, OSLC `nextPage/@rdf:resource`. */
export const link = pagingForm({
  head: 'url',
  schema: map({ url: path.describe("Absolute path of the next page's URL") }),
  says: "The next page's URL stands in the document; no match or an empty value ends the paging.",
  isCounted: false,
  isAskedAhead: true,
  wanted: ({ url }) => ({ next: url }),
  // A link goes by GET whatever the first page was asked by: it says all there is to say.
  follow: (_, { wanted: { next = '' } }) => {
    const target = next.trim();
    return target === '' ? undefined : { url: target };
  },
});
