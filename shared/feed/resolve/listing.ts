import { InvalidInput } from '../../errors.ts';
import { hashContract } from '../../model/canonical.ts';
import type { Contract } from '../../model/contract.ts';
import type { Listing } from '../../model/feed.ts';
import { parsePath } from '../../model/path.ts';
import { type Next, nextPaths, wantedOf } from '../../source/paging/registry.ts';
import { toMatcher } from '../../xml/matcher.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { ListingDocument } from '../document/source.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import { checkUrl } from './connection.ts';
import { haveOtherRoots, readAbsolutePath } from './paths.ts';
import { resolveBody, resolveHeaders, resolveParams, type SourceOptions } from './source.ts';
import { resolveTables } from './table.ts';

/** Partitions that the source lists itself: a request, and a table of one row a partition. */

const AT_MOST = 2000;
const HTTP: KeyPath = ['partitions', 'http'];
const TABLE = 'partitions.listed';
/** Longest name or value: it stands in URLs. */
const VALUE = 'varchar(8192)';

/** Where a problem with the table stands in the file. */
const toPlace = ([, , key, ...rest]: KeyPath): KeyPath =>
  key === 'columns' ? ['partitions', 'values', ...rest.slice(0, 1)] : ['partitions', 'rows'];

const placed = (check: Check): Check => ({
  ...check,
  refuse: (path, message, at) => check.refuse(toPlace(path), message, at),
  attempt: (path, read) => check.attempt(toPlace(path), read),
});

const resolveContract = (
  { rows, values }: ListingDocument,
  doc: FeedDocument,
  check: Check,
): Contract | undefined => {
  const columns = Object.fromEntries(
    Object.entries(values).map(([name, path]) => [name, { type: VALUE, path, required: true }]),
  );
  const { namespaces } = doc;
  const before = check.problems.length;
  const tables = resolveTables(
    {
      feed: doc.feed,
      source: {},
      ...(namespaces === undefined ? {} : { namespaces }),
      tables: { [TABLE]: { rows, disposition: 'append', columns } },
    },
    placed(check),
  );
  if (!Object.hasOwn(values, 'name')) {
    check.refuse(
      ['partitions', 'values'],
      "has no 'name', allowed a path to what tells partitions apart",
      'key',
    );
  }
  if (check.problems.length > before) return undefined;
  return hashContract({ feed: doc.feed, namespaces: namespaces ?? {}, tables: [...tables] });
};

const resolveUrl = (
  { url, path }: ListingDocument['http'],
  doc: FeedDocument,
  options: SourceOptions,
  check: Check,
): string | undefined => {
  const { connection } = doc.source.http ?? {};
  const [own, other] = connection === undefined ? (['url', 'path'] as const) : (['path', 'url'] as const);
  const text = { url, path }[own];
  if ({ url, path }[other] !== undefined) {
    const why = connection === undefined ? 'has no connection' : 'has one';
    check.refuse([...HTTP, other], `allowed ${own} instead, since the source ${why}`, 'key');
  }
  if (text === undefined) {
    check.refuse(HTTP, `has no ${own}, allowed where the listing is`, 'key');
    return undefined;
  }
  const base = connection === undefined ? '' : options.connections?.get(connection)?.baseUrl;
  if (base === undefined) return undefined;
  return check.attempt([...HTTP, own], () => {
    if (own === 'path' && !text.startsWith('/'))
      throw new InvalidInput(`got '${text}', allowed a path that starts with /`);
    return checkUrl(base.replace(/\/$/, '') + text, options);
  });
};

/** How the listing is paged: by its own form, or as the source is where that can be found in it. */
const resolveNext = (
  { http: { next: own }, rows }: ListingDocument,
  doc: FeedDocument,
  check: Check,
): Next | undefined => {
  const next = own ?? doc.source.http?.next;
  if (next === undefined || next === 'none') return undefined;
  const namespaces = doc.namespaces ?? {};
  for (const { key, path } of nextPaths(next)) {
    const at = own === undefined ? HTTP : [...HTTP, 'next', ...key];
    const read = check.attempt(at, () => readAbsolutePath(path, namespaces));
    if (read === undefined || !haveOtherRoots(read, parsePath(rows), namespaces)) continue;
    check.refuse(
      at,
      own === undefined
        ? `has no next, and that of source.http reads ${path}, which ${rows} has not: allowed a next of its own, or next: none for one page`
        : `got '${path}', allowed a path from the root of ${rows}`,
      'key',
    );
  }
  return next;
};

/** The resolved listing; undefined where there is none, or its problems are noted. */
export const resolveListing = (
  doc: FeedDocument,
  options: SourceOptions,
  check: Check,
): Listing | undefined => {
  const { partitions } = doc;
  if (partitions === undefined || Array.isArray(partitions) || doc.source.http === undefined)
    return undefined;
  const contract = resolveContract(partitions, doc, check);
  const { http } = partitions;
  const url = resolveUrl(http, doc, options, check);
  const headers = resolveHeaders(http.headers ?? {}, HTTP, check);
  const body = resolveBody(http, HTTP, check);
  const next = contract === undefined ? undefined : resolveNext(partitions, doc, check);
  if (url === undefined || contract === undefined) return undefined;
  check.attempt(['partitions', 'rows'], () => toMatcher(contract, next === undefined ? {} : wantedOf(next)));
  return {
    url,
    params: resolveParams(http.params ?? {}),
    headers,
    ...(body === undefined ? {} : { body }),
    ...(next === undefined ? {} : { next }),
    contract,
    atMost: partitions.atMost ?? AT_MOST,
  };
};
