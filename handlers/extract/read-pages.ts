import { createHash, type Hash } from 'node:crypto';
import { OutOfTime, SourceRefused, StepMovedNothing } from '../../shared/errors.ts';
import type { HttpSource } from '../../shared/model/feed.ts';
import { quoteLine } from '../../shared/redact/quote.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { paceOf } from '../../shared/source/pace.ts';
import type { PageRequest } from '../../shared/source/paging/form.ts';
import { traceOf } from '../../shared/source/paging/next-page.ts';
import { pagingFormOf } from '../../shared/source/paging/registry.ts';
import { TOTAL } from '../../shared/source/paging/total.ts';
import { isFull, linkPaths } from '../../shared/source/paging/unmatched-next.ts';
import { wantedPaths } from '../../shared/source/paging/wanted-paths.ts';
import { buildFirstRequest, type FirstRequest, headerSecretOf } from '../../shared/source/request.ts';
import { rulesOf, signPaths } from '../../shared/source/responses/match.ts';
import { readByRules } from '../../shared/source/responses/read-by-rules.ts';
import { trustedHostsOf } from '../../shared/source/trusted-hosts.ts';
import { isOneDocument, readValidators, type Validators } from '../../shared/source/validators.ts';
import type { PlanRecord, Slice, StepRecord } from '../../shared/state/records.ts';
import type { DocumentOptions } from '../../shared/xml/document.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source, SourceRequest } from '../ports/source.ts';
import { watchForOlder } from './older-pages.ts';
import { newPageTrail, type Page } from './page-trail.ts';
import { readDocument } from './read-document.ts';
import type { SlicePosition } from './slice-position.ts';
import type { StagedFiles } from './staged-files.ts';
import { addPage, NO_PAGES, type StepCounts, union } from './step-counts.ts';
import type { Stopwatch } from './stopwatch.ts';
import { Unchanged } from './unchanged.ts';

/** A step that had this long and ended with nothing to publish is stuck; a shorter one merely started late. */
const FAIR_STEP_MS = 60_000;
/** A step ends at the first page boundary after this long: a page that outlasts the execution costs no more than it again. */
const LONG_STEP_MS = 60_000;
/** Pages of one step, whose URLs are kept to find loops. */
const MAX_PAGES = 10_000;

/** What a step read. */
export interface StepReading {
  readonly counts: StepCounts;
  /** Where the next step starts; null when the slice is complete. */
  readonly continuation: Page | null;
  /** It ended before its time was up, so that what it read is safe; another step may follow at once. */
  readonly isCut: boolean;
  /** Where a range began and ended. */
  readonly range?: NonNullable<StepRecord['range']>;
  /** Of the one document that was read. */
  readonly validators?: Validators | undefined;
  /** Why it ended, where that is an error after pages that are whole: publish them, then throw it. */
  readonly failure?: unknown;
}

export interface ReadDeps {
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stopwatch: Stopwatch;
}

export interface PagedStep {
  readonly plan: PlanRecord;
  readonly http: HttpSource;
  readonly slice: Slice;
  readonly position: SlicePosition;
  readonly document: Pick<DocumentOptions, 'contract' | 'rowNumbers' | 'cursorBounds'>;
  /** Steps end at a page boundary by then, epoch milliseconds. */
  readonly deadlineMs: number;
}

/** Thrown to begin the next restart: the source no longer knows the link that a continuing step starts from. */
export class ContinuationLost extends Error {
  override readonly name = 'ContinuationLost';
}

/** Reads page after page into the files until the last one, or until the next would end after the deadline. */
export const readPages = async (
  step: PagedStep,
  files: StagedFiles,
  deps: ReadDeps,
): Promise<StepReading> => {
  const startMs = deps.clock.now();
  const begin = await toFirstRequests(step, deps.secrets);
  const isBeforeWindow = watchForOlder(step.plan);
  const trail = newPageTrail(step.http, begin, step.position.continuation?.records ?? 0, deps.redactor);
  let page: Page = step.position.continuation ?? { ...firstPage(step.http, begin()), page: 1 };
  let counts = NO_PAGES;
  let longestMs = 0;

  for (;;) {
    const writtenBefore = files.written;
    const pageStartMs = deps.clock.now();
    trail.seen.add(traceOf(page));
    let read: Awaited<ReturnType<typeof readPage>>;
    try {
      read = await readPage(toRequest(step, begin(), page), step, files, deps);
    } catch (error) {
      const isWhole = counts.pages > 0 && files.written === writtenBefore;
      if (isWhole) return { counts, continuation: page, isCut: false, failure: error };
      throw explain(error, step, counts, deps.clock.now() - startMs);
    }
    counts = notePage(counts, read, step.http);
    const { summary, isEmpty, place } = read;
    if (summary === undefined || isEmpty) trail.end(place);
    const isLast = summary === undefined || isEmpty || isBeforeWindow(summary, place);
    const next = isLast ? null : trail.follow(page, { ...read, summary });
    if (next === null)
      return { counts, continuation: null, isCut: false, validators: validatorsOf(step.plan, read) };
    longestMs = Math.max(longestMs, deps.clock.now() - pageStartMs);
    // A page that overruns loses the whole step, so the next one may take twice as long as any before.
    const isNear = deps.clock.now() + 2 * longestMs >= step.deadlineMs;
    const isLong = deps.clock.now() - startMs >= (step.position.hasStalled ? 0 : LONG_STEP_MS);
    if (isNear || isLong || counts.pages >= MAX_PAGES) return { counts, continuation: next, isCut: !isNear };
    page = next;
  }
};

/** Reads one page, as the feed's rules have it: what `isEmpty` has no record, and no page after it. */
const readPage = (request: SourceRequest, step: PagedStep, files: StagedFiles, deps: ReadDeps) =>
  readByRules(
    step.http.responses,
    (text) => quoteLine(text, deps.redactor.redact),
    (isLapsed) => readAnswer(isLapsed ? { ...request, isLapsed } : request, step, files, deps),
  );

const readAnswer = async (request: SourceRequest, step: PagedStep, files: StagedFiles, deps: ReadDeps) => {
  const { signal, stopwatch } = deps;
  const { next, responses } = step.http;
  const response = await stopwatch.time('wait for headers', () =>
    deps.source.open(request, { signal, deadlineMs: step.deadlineMs }),
  );
  if (response.isUnchanged === true) throw new Unchanged(`${response.url} is not modified`);
  const { url, header } = response;
  const place = `${url} page ${request.page}`;
  const read = { place, requested: request.url, url, header };
  if (response.isEmpty === true)
    return { ...read, isEmpty: true, summary: undefined, records: 0, signs: {}, digest: undefined };
  const options: DocumentOptions = {
    ...step.document,
    place,
    wanted: wantedPaths(step.http),
    signs: signPaths(responses),
    ...(response.charset === undefined ? {} : { charset: response.charset }),
  };
  // Only where we count is a page like one before it a sign that nobody else does.
  const digest = next !== undefined && pagingFormOf(next).isCounted ? createHash('sha1') : undefined;
  const body = digest === undefined ? response.body : digesting(response.body, digest);
  const summary = await readDocument(body, options, files.sinkOf(place), deps);
  const { records, signs } = summary;
  return { ...read, isEmpty: false, summary, records, signs, digest: digest?.digest('hex') };
};

async function* digesting(chunks: AsyncIterable<Uint8Array>, digest: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    digest.update(chunk);
    yield chunk;
  }
}

/** What the server tells its document by, where a later run may ask by it. */
const validatorsOf = ({ definition }: PlanRecord, { header, isEmpty }: Read): Validators | undefined =>
  isOneDocument(definition) && !isEmpty ? readValidators(header) : undefined;

type Read = Awaited<ReturnType<typeof readAnswer>>;

/** Adds a page, and notes whether it said where the next one is, or is the only one though it is full. */
const notePage = (
  before: StepCounts,
  { summary, isEmpty, requested }: Read,
  http: HttpSource,
): StepCounts => {
  if (summary === undefined) return { ...before, pages: before.pages + 1 };
  const counts = addPage(before, summary);
  const links = linkPaths(http).map(({ key }) => key);
  if (links.length === 0 || isEmpty) return counts;
  if (Object.keys(summary.wanted).some((name) => name !== TOTAL))
    return { ...counts, matched: union(counts.matched, links) };
  return { ...counts, isFull: counts.isFull || isFull(requested, summary.records) };
};

/** Makes the slice's first request, again for a later page with that page's token. */
const toFirstRequests = async (
  { http, slice, plan }: PagedStep,
  secrets: Secrets,
): Promise<(token?: string) => FirstRequest> => {
  const secretId = headerSecretOf(http);
  const input = {
    feed: plan.definition,
    partition: slice.partition,
    ...(slice.window === undefined
      ? {}
      : { bounds: { fromMs: Date.parse(slice.window.from), toMs: Date.parse(slice.window.to) } }),
    ...(secretId === undefined ? {} : { secret: await secrets.read(secretId) }),
  };
  return (token) => buildFirstRequest(token === undefined ? input : { ...input, token });
};

const firstPage = ({ next }: HttpSource, { url, body }: FirstRequest): PageRequest => {
  const request = body === undefined ? { url } : { url, body };
  return next === undefined ? request : pagingFormOf(next).first(next, request);
};

const toRequest = (step: PagedStep, first: FirstRequest, { url, body, page }: Page): SourceRequest => {
  const { auth, idleTimeoutMs, network = 'public', caSecret } = step.http;
  const { headers } = first;
  const trustedHosts = trustedHostsOf(step.http, first.url);
  const { slice, position, plan, http } = step;
  const isNew = position.restart === 0 && position.step === 0;
  const pace = paceOf(http, { slice: slice.slice, slices: plan.slices.length, isNew });
  const rules = rulesOf(http, plan.definition.contract);
  const validators = plan.known;
  return {
    url,
    body,
    page,
    headers,
    auth,
    trustedHosts,
    idleTimeoutMs,
    network,
    caSecret,
    pace,
    rules,
    validators,
  };
};

/** A step that ends with nothing to publish says more than its error: it is stuck, or its first link has expired. */
const explain = (error: unknown, step: PagedStep, counts: StepCounts, tookMs: number): unknown => {
  const { slice, position } = step;
  const from = position.continuation?.url ?? 'the first page';
  if (error instanceof OutOfTime && tookMs >= FAIR_STEP_MS) {
    return new StepMovedNothing(
      `step ${position.step} of slice ${slice.slice}, from ${from}, had ${Math.round(tookMs / 1000)} s and broke off in page ${counts.pages + 1} of its own`,
      { cause: error },
    );
  }
  const isFirstLink = counts.pages === 0 && position.continuation !== null;
  if (isFirstLink && error instanceof SourceRefused && error.isRequestAtFault) {
    return new ContinuationLost(`source no longer knows ${from}`, { cause: error });
  }
  return error;
};
