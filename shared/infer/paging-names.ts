/** Names that sources give to what leads to the next page, in any case and with any of - _ . between their words. */

const plain = (local: string): string => local.replaceAll(/[-_.]/g, '').toLowerCase();

/** `next`, `nextPage`, `next_link`, `next-url`, `nextPageHref`, `nextRecordsUrl` and the like. */
const isNextName = (local: string): boolean =>
  /^next(?:page|records?|results?)?(?:link|url|uri|href)?$/.test(plain(local));

/** `resumptionToken`, `nextToken`, `cursor`, `continuation`, `skiptoken` and the like. */
export const isTokenName = (local: string): boolean =>
  /^(?:(?:next|page|nextpage)?(?:cursor|token|marker)|resumptiontoken|continuation(?:token)?|skiptoken|scrollid)$/.test(
    plain(local),
  );

const isLinkName = (local: string): boolean => /^(?:href|resource|url|uri|link)$/.test(plain(local));

/**
 * Whether an element, or an attribute of the element `of`, may lead to the next page by its name: also as in OSLC's
 * `nextPage/@rdf:resource`.
 */
export const isPagingName = (local: string, of = ''): boolean =>
  isNextName(local) || isTokenName(local) || (isLinkName(local) && isNextName(of));
