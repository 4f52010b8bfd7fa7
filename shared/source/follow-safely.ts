import { UntrustedHost } from '../errors.ts';
import type { Redactor } from '../redact/redactor.ts';
import { followLink } from './trusted-hosts.ts';

export interface Link {
  readonly link: string;
  /** The URL of the page, or of the redirect, that it stands on. */
  readonly page: string;
  /** The page's name in messages. */
  readonly place: string;
}

/**
 * Where a link of a source leads, which is written down in records and in the places of rows. So one that carries a secret is
 * refused, unless what was asked for carries it too: the feed's author wrote that. Throws UntrustedHost, DocumentMismatch.
 */
export const followSafely = (
  { link, page, place }: Link,
  asked: { readonly url: string; readonly trustedHosts: readonly string[] },
  redactor: Redactor,
): URL => {
  const target = followLink(link, page, asked.trustedHosts, place);
  if (!redactor.reveals(target.href, asked.url)) return target;
  throw new UntrustedHost(
    `${place} leads to a URL with the feed's own secret in it, which is not shown, allowed links without one: links are recorded`,
  );
};
