import { DocumentMismatch, UntrustedHost } from '../errors.ts';

/** Longest link that a message quotes: a server's own may be of any length. */
const MOST_SHOWN = 2_000;

const HIDDEN = '***';

/**
 * Parameters that are credentials by their names, in lower case: what storage services sign links with, and what servers take in
 * place of a header. Names of page cursors, as `token` or `key`, are not among them.
 */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'access_token',
  'api_key',
  'apikey',
  'client_secret',
  'password',
  'sig',
  'signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
  'x-goog-credential',
  'x-goog-signature',
]);

/** A URL as messages show it: with its query, without its user, and without parameters that are credentials. */
export const showUrl = (url: URL | string): string => {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  const parameters = shown.search.slice(1).split('&').map(hideCredential).join('&');
  if (shown.search !== '') shown.search = `?${parameters}`;
  return shown.href;
};

const hideCredential = (parameter: string): string => {
  const [name = ''] = parameter.split('=', 1);
  return name !== parameter && CREDENTIALS.has(name.toLowerCase()) ? `${name}=${HIDDEN}` : parameter;
};

/** A link as it was written, which may be no URL, without its user. */
const showLink = (link: string): string => {
  const host = link.indexOf('//') + 2;
  const rest = host === 1 ? '' : (link.slice(host).split(/[/?#\\]/, 1)[0] ?? '');
  const user = rest.lastIndexOf('@');
  const shown = user < 0 ? link : `${link.slice(0, host)}${HIDDEN}${link.slice(host + user)}`;
  return JSON.stringify(cutLink(shown));
};

const cutLink = (link: string): string =>
  link.length <= MOST_SHOWN ? link : `${link.slice(0, MOST_SHOWN)}…`;

/**
 * Where a link or redirect on a page leads: resolved against the page's URL and held to the trusted hosts
 * (`host` or `host:port`), never from https down to http, never with a user in it. Throws UntrustedHost, or
 * DocumentMismatch when it is no URL; messages name the page by `place`.
 */
export const followLink = (
  link: string,
  page: string,
  trustedHosts: readonly string[],
  place: string = showUrl(page),
): URL => {
  if (!URL.canParse(link, page)) {
    throw new DocumentMismatch(`link ${showLink(link)} on ${place} is not a URL`);
  }
  const target = new URL(link, page);
  const from = new URL(page);
  const leads = `${place} leads to ${cutLink(showUrl(target))}`;
  const isSafeScheme =
    target.protocol === 'https:' || (target.protocol === 'http:' && from.protocol === 'http:');
  const isTrusted = trustedHosts.some((host) => hostOf(host, target.protocol) === target.host);
  if (!isTrusted) {
    throw new UntrustedHost(
      `${leads}, allowed ${trustedHosts.join(' ')}; a host of the same source is named in trustedHosts`,
    );
  }
  if (!isSafeScheme) {
    throw new UntrustedHost(`${leads}, allowed https:// alone, as the page itself came by it`);
  }
  if (target.username !== '' || target.password !== '') {
    throw new UntrustedHost(
      `${leads} with a user in the URL, which is not shown, allowed links without one: the feed's auth says who asks`,
    );
  }
  return target;
};

/** A trusted host as URLs write it: without the scheme's own port. */
const hostOf = (host: string, protocol: string): string =>
  URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : host;

/** The hosts that a source's links may lead to; that of its first request is implied. */
export const trustedHostsOf = (
  { trustedHosts }: { readonly trustedHosts: readonly string[] },
  firstUrl: string,
): readonly string[] => [new URL(firstUrl).host, ...trustedHosts];
