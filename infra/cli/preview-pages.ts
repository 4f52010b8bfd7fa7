import { systemClock } from '../../handlers/adapters/system-clock.ts';
import type { SourceRequest } from '../../handlers/ports/source.ts';
import type { Feed, HttpSource } from '../../shared/model/feed.ts';
import { quoteLine } from '../../shared/redact/quote.ts';
import { redactDeep } from '../../shared/redact/redact-deep.ts';
import { followSafely } from '../../shared/source/follow-safely.ts';
import { paceOf } from '../../shared/source/pace.ts';
import { countRecords } from '../../shared/source/paging/count-records.ts';
import type { PageRequest } from '../../shared/source/paging/form.ts';
import { nextPage, traceOf } from '../../shared/source/paging/next-page.ts';
import { pagingFormOf, wantedOf } from '../../shared/source/paging/registry.ts';
import {
  buildFirstRequest,
  type FirstRequest,
  headerSecretOf,
  type RequestInput,
} from '../../shared/source/request.ts';
import { rulesOf, signPaths } from '../../shared/source/responses/match.ts';
import { readByRules } from '../../shared/source/responses/read-by-rules.ts';
import { showUrl, trustedHostsOf } from '../../shared/source/trusted-hosts.ts';
import { toValueText, valueVariables } from '../../shared/source/value-variables.ts';
import { type Bounds, nextWindow } from '../../shared/source/window.ts';
import { type DocumentOptions, parseDocument } from '../../shared/xml/document.ts';
import { type CommandIo, UsageError } from './command-io.ts';
import { type LocalSource, openLocalSource } from './local-source.ts';
import type { PreviewSample } from './preview-sample.ts';
import { tryPage } from './try-page.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** How long a source may ask to be waited for, over all pages. */
const LONGEST_WAIT_MS = 10 * 60_000;

interface Preview {
  readonly feed: Feed;
  readonly http: HttpSource;
  /** Records that are wanted. */
  readonly most: number;
  readonly sample: PreviewSample;
  readonly local: LocalSource;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  readonly deps: PreviewDeps;
}

export interface PreviewDeps {
  readonly io: CommandIo;
  /** Tells of a try that failed. */
  readonly tell: (line: string) => void;
}

/**
 * Reads a feed's first records from its server, with the paging, login and trusted hosts of a run. The window is the newest step, or
 * all where it has none; then what lies before it, until there are enough.
 */
export const fetchPreview = async (
  feed: Feed,
  http: HttpSource,
  most: number,
  sample: PreviewSample,
  args: VerbArguments,
  deps: PreviewDeps,
): Promise<void> => {
  const { io } = deps;
  if (feed.listing !== undefined) {
    throw new UsageError(
      `feed ${feed.feed}: partitions that the source lists are not supported yet by preview, allowed a document of it: npx millrace preview ${feed.feed} FILE`,
    );
  }
  const local = await openLocalSource(args, io);
  const deadlineMs = systemClock.now() + LONGEST_WAIT_MS;
  const preview = { feed, http, most, sample, local, signal: io.signal, deadlineMs, deps };
  try {
    const secret = await readSecret(http, local);
    for (const bounds of windowsOf(feed, io.now()))
      for (const partition of feed.partitions) await readSlice({ feed, partition, bounds, secret }, preview);
  } catch (error) {
    throw redactDeep(error, local.redactor.redact);
  }
};

const readSecret = async (http: HttpSource, { secrets }: LocalSource) => {
  const id = headerSecretOf(http);
  return id === undefined ? undefined : secrets.read(id);
};

/** The newest step first: it is small, and what is in it is what the feed will read from now on. */
const windowsOf = ({ window }: Feed, nowMs: number): readonly (Bounds | undefined)[] => {
  if (window === undefined) return [undefined];
  const { stepMs, ...whole } = window;
  const boundsFrom = (startMs: number): Bounds | undefined =>
    nextWindow({ window: { ...whole, startMs }, scheduledMs: nowMs, partitions: 1 });
  const all = boundsFrom(whole.startMs);
  if (all === undefined) return [];
  const newest = stepMs === undefined ? undefined : boundsFrom(all.toMs - stepMs);
  if (newest === undefined || newest.fromMs <= all.fromMs) return [all];
  return [newest, { fromMs: all.fromMs, toMs: newest.fromMs }];
};

/** Reads page after page of one partition in one window, until its end or until there are enough records. */
const readSlice = async (input: RequestInput, preview: Preview): Promise<void> => {
  const { http, most, sample, deps } = preview;
  const { next } = http;
  const first = buildFirstRequest(input);
  const follow = newFollow(first, preview);
  const seen = new Set<string>();
  let request: PageRequest | undefined = next === undefined ? first : pagingFormOf(next).first(next, first);
  let recordsBefore = 0;
  for (let page = 1; request !== undefined && sample.summary().records < most; page += 1) {
    seen.add(traceOf(request));
    const asked = request;
    const quote = quoteIn(preview);
    const read = await tryPage(
      () =>
        readByRules(http.responses, quote, (isLapsed) =>
          readPage({ ...asked, isLapsed }, page, first, input, preview),
        ),
      sample.mark(),
      { ...deps, verb: 'preview', quote },
    );
    if (read.isEmpty) return;
    const again = (token: string): PageRequest => buildFirstRequest({ ...input, token });
    const so = { ...read, request, recordsBefore, again };
    if (sample.summary().records >= most) return;
    request = nextPage(next, so, { seen, page, follow, isRepeated: false });
    recordsBefore += read.records;
  }
};

const readPage = async (
  { url, body, isLapsed }: PageRequest & { readonly isLapsed: boolean },
  page: number,
  first: FirstRequest,
  { partition, bounds }: RequestInput,
  { feed, http, most, sample, local, signal, deadlineMs }: Preview,
) => {
  const { auth, network = 'public', caSecret, idleTimeoutMs, next } = http;
  const pace = paceOf(http, { slice: 0, slices: 1, isNew: true });
  const trustedHosts = trustedHostsOf(http, first.url);
  const { headers } = first;
  const sent: SourceRequest = {
    ...{ url, body, page, headers, auth, trustedHosts, idleTimeoutMs, network, caSecret, pace, isLapsed },
    rules: rulesOf(http, feed.contract),
  };
  const {
    body: chunks,
    charset,
    url: answeredBy,
    header,
    isEmpty = false,
  } = await local.source.open(sent, { signal, deadlineMs });
  const place = `${answeredBy} page ${page}`;
  if (isEmpty) return { place, answeredBy, header, isEmpty, wanted: {}, signs: {}, records: 0 };
  const options: DocumentOptions = {
    signs: signPaths(http.responses),
    contract: feed.contract,
    rowNumbers: { base: 0, used: feed.contract.tables.map(() => 0) },
    place,
    mostRecords: most - sample.summary().records,
    valueText: toValueText(
      valueVariables({ feed, partition, bounds }, { pageUrl: local.redactor.redact(showUrl(answeredBy)) }),
    ),
    ...cursorBoundsOf(feed, bounds),
    ...(next === undefined ? {} : { wanted: wantedOf(next) }),
    ...(charset === undefined ? {} : { charset }),
  };
  const summary = await parseDocument(chunks, options, sample.sinkOf(place));
  sample.add(summary);
  const records = countRecords(next, summary);
  return { place, answeredBy, header, isEmpty, wanted: summary.wanted, signs: summary.signs, records };
};

const quoteIn =
  ({ local }: Preview) =>
  (text: string): string =>
    quoteLine(text, local.redactor.redact);

const cursorBoundsOf = (
  { window }: Feed,
  bounds: Bounds | undefined,
): Pick<DocumentOptions, 'cursorBounds'> =>
  window === undefined || bounds === undefined
    ? {}
    : { cursorBounds: { fromMs: bounds.fromMs - window.lookbackMs, toMs: bounds.toMs } };

const newFollow =
  ({ url }: FirstRequest, { http, local }: Preview) =>
  (link: string, page: string, place: string): URL =>
    followSafely({ link, page, place }, { url, trustedHosts: trustedHostsOf(http, url) }, local.redactor);
