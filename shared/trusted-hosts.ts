import { DocumentMismatch, UntrustedHost } from './errors.ts';

/** A URL as messages show it: with its query, without credentials. */
export const showUrl = (url: URL | string): string => {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
};

/**
 * Where a link or redirect on a page leads: resolved against the page's URL and held to the trusted hosts
 * (`host` or `host:port`), never from https down to http. Throws UntrustedHost, or DocumentMismatch when it is no URL;
 * messages name the page by `place`.
 */
export const followLink = (
  link: string,
  page: string,
  trustedHosts: readonly string[],
  place: string = showUrl(page),
): URL => {
  if (!URL.canParse(link, page)) {
    throw new DocumentMismatch(`link ${JSON.stringify(link)} on ${place} is not a URL`);
  }
  const target = new URL(link, page);
  const from = new URL(page);
  const isSafeScheme =
    target.protocol === 'https:' || (target.protocol === 'http:' && from.protocol === 'http:');
  const isTrusted = trustedHosts.some((host) => hostOf(host, target.protocol) === target.host);
  if (isSafeScheme && isTrusted) return target;
  const why = isTrusted
    ? 'allowed https:// alone, as the page itself came by it'
    : `allowed ${trustedHosts.join(' ')}; a host of the same source is named in trustedHosts`;
  throw new UntrustedHost(`${place} leads to ${showUrl(target)}, ${why}`);
};

/** A trusted host as URLs write it: without the scheme's own port. */
const hostOf = (host: string, protocol: string): string =>
  URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : host;
