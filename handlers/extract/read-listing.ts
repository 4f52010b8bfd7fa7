import { DocumentMismatch } from '../../shared/errors.ts';
import type { Feed, HttpSource, Listing, Partition } from '../../shared/model/feed.ts';
import { quoteLine } from '../../shared/redact/quote.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { followSafely } from '../../shared/source/follow-safely.ts';
import { paceOf } from '../../shared/source/pace.ts';
import { countRecords } from '../../shared/source/paging/count-records.ts';
import type { PageRead, PageRequest } from '../../shared/source/paging/form.ts';
import { nextPage, traceOf } from '../../shared/source/paging/next-page.ts';
import { pagingFormOf, wantedOf } from '../../shared/source/paging/registry.ts';
import { buildFirstRequest, headerSecretOf } from '../../shared/source/request.ts';
import { type Rules, rulesOf, signPaths } from '../../shared/source/responses/match.ts';
import { type PageOfRules, readByRules } from '../../shared/source/responses/read-by-rules.ts';
import { showUrl } from '../../shared/source/trusted-hosts.ts';
import { parseDocument, type RowSink } from '../../shared/xml/document.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Route, Source, SourceRequest } from '../ports/source.ts';

export interface ListingDeps {
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** Pages without a partition on them, which nothing else bounds. */
const MAX_PAGES = 1_000;

/** The source as it is asked for its listing. */
export const toListingSource = (source: HttpSource, listing: Listing): HttpSource => {
  const { url, params, headers, body, next } = listing;
  const { body: _, next: __, ...rest } = source;
  return {
    ...rest,
    url,
    params,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(next === undefined ? {} : { next }),
  };
};

/**
 * The partitions that a source lists: all pages, in their order. A uri is held to the trusted hosts as a next link is. Throws what
 * reading a page throws, and DocumentMismatch where there are none, too many, a name twice, or a value that cannot be read.
 */
export const readListing = async (
  feed: Feed,
  source: HttpSource,
  listing: Listing,
  deadlineMs: number,
  deps: ListingDeps,
): Promise<readonly Partition[]> => {
  const again = await toRequests(feed, toListingSource(source, listing), deps.secrets);
  const first = again();
  const asked = { url: first.url, trustedHosts: [new URL(first.url).host, ...source.trustedHosts] };
  const follow: Follow = (link, page, place) => followSafely({ link, page, place }, asked, deps.redactor);
  const found = newFound(listing, follow);
  const { next } = listing;
  const seen = new Set<string>();
  let request: PageRequest | undefined = next === undefined ? first : pagingFormOf(next).first(next, first);
  let recordsBefore = 0;
  for (let page = 1; request !== undefined; page += 1) {
    if (page > MAX_PAGES) {
      throw new DocumentMismatch(`listing ${showUrl(first.url)} leads on, allowed ${MAX_PAGES} pages`);
    }
    seen.add(traceOf(request));
    const { url, body } = request;
    const { trustedHosts } = asked;
    const sent = { ...routeOf(source, feed), url, body, page, headers: first.headers, trustedHosts };
    const read = await readByRules(source.responses, quoteIn(deps), (isLapsed) =>
      readPage({ ...sent, isLapsed }, listing, source.responses, found, deadlineMs, deps),
    );
    if (read.isEmpty) break;
    const before = { request, again, recordsBefore };
    recordsBefore += read.records;
    // A page that repeats one before it has its names, which are told apart.
    request = nextPage(next, { ...before, ...read }, { seen, page, follow, isRepeated: false });
  }
  if (found.partitions.length > 0) return found.partitions;
  throw new DocumentMismatch(
    `listing ${showUrl(first.url)} has no ${listing.contract.tables[0]?.rows}, allowed at least one: each is a partition`,
  );
};

type Follow = (link: string, page: string, place: string) => URL;

const quoteIn =
  ({ redactor }: ListingDeps) =>
  (text: string): string =>
    quoteLine(text, redactor.redact);

const routeOf = (source: HttpSource, feed: Feed): Route & Pick<SourceRequest, 'auth' | 'pace' | 'rules'> => {
  const { auth, network = 'public', caSecret, idleTimeoutMs } = source;
  const pace = paceOf(source, { slice: 0, slices: 1, isNew: true });
  const rules = rulesOf(source, feed.contract);
  return { auth, network, caSecret, idleTimeoutMs, pace, rules };
};

type ReadPage = PageOfRules & Pick<PageRead, 'answeredBy' | 'header' | 'wanted'>;

const readPage = async (
  request: SourceRequest,
  { next, contract }: Listing,
  rules: Rules | undefined,
  found: ReturnType<typeof newFound>,
  deadlineMs: number,
  { source, signal }: ListingDeps,
): Promise<ReadPage> => {
  const { url, header, charset, body, isEmpty = false } = await source.open(request, { signal, deadlineMs });
  const place = `listing ${url} page ${request.page}`;
  const read = { place, answeredBy: url, header };
  if (isEmpty) return { ...read, isEmpty, wanted: {}, signs: {}, records: 0 };
  const options = {
    contract,
    place,
    rowNumbers: { base: 0, used: [0] },
    signs: signPaths(rules),
    ...(next === undefined ? {} : { wanted: wantedOf(next) }),
    ...(charset === undefined ? {} : { charset }),
  };
  const summary = await parseDocument(body, options, found.sinkOf(place, url));
  const { wanted, signs } = summary;
  return { ...read, isEmpty, wanted, signs, records: countRecords(next, summary) };
};

const toRequests = async (feed: Feed, source: HttpSource, secrets: Secrets) => {
  const secretId = headerSecretOf(source);
  const secret = secretId === undefined ? undefined : await secrets.read(secretId);
  const partition = { name: '', values: {} };
  return (token?: string) => buildFirstRequest({ feed: { ...feed, source }, partition, secret, token });
};

/** Control characters have no place in a URL, a header or a message. */
const UNSAFE = /\p{Cc}/u;

/** Gathers the rows of a listing as partitions. */
const newFound = ({ contract, atMost }: Listing, follow: Follow) => {
  const partitions: Partition[] = [];
  const names = new Set<string>();
  const columns = contract.tables[0]?.columns.map(({ name }) => name) ?? [];

  const add = (values: readonly (string | null)[], place: string, page: string): void => {
    const read = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? '']));
    const { name = '', ...rest } = read;
    const unsafe = Object.entries(read).find(([, value]) => UNSAFE.test(value));
    if (unsafe !== undefined) {
      throw new DocumentMismatch(
        `${place} has ${unsafe[0]} ${JSON.stringify(unsafe[1].slice(0, 60))}, allowed text without control characters`,
      );
    }
    if (names.has(name)) {
      throw new DocumentMismatch(
        `${place} has the name ${JSON.stringify(name.slice(0, 60))} twice, allowed a name of its own for each partition`,
      );
    }
    if (partitions.length === atMost) {
      throw new DocumentMismatch(
        `${place} has more than ${atMost} partitions, allowed partitions.atMost: ${atMost}`,
      );
    }
    names.add(name);
    const { uri } = rest;
    const link = uri === undefined ? {} : { uri: follow(uri, page, place).href };
    partitions.push({ name, values: { ...rest, ...link } });
  };

  const sinkOf = (place: string, page: string): RowSink => ({
    row: (_, values) => add(values, place, page),
    reject: ({ line, column, path, reason }) => {
      throw new DocumentMismatch(`${place} line ${line} column ${column}: ${path}: ${reason}`);
    },
    ready: () => undefined,
  });
  return { partitions, sinkOf };
};
