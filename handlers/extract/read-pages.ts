import { OutOfTime, PagingLoop, SourceRefused, StepMovedNothing } from '../../shared/errors.ts';
import type { HttpSource } from '../../shared/model/feed.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { buildFirstRequest } from '../../shared/source/request.ts';
import { showUrl } from '../../shared/source/trusted-hosts.ts';
import type { PlanRecord, Slice, StepRecord } from '../../shared/state/records.ts';
import type { DocumentOptions } from '../../shared/xml/document.ts';
import { followSafely } from '../follow-link.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source, SourceRequest } from '../ports/source.ts';
import { readDocument } from './read-document.ts';
import type { SlicePosition } from './slice-position.ts';
import type { StagedFiles } from './staged-files.ts';
import { addPage, NO_PAGES, type StepCounts } from './step-counts.ts';
import type { Stopwatch } from './stopwatch.ts';

/** A step that had this long and ended with nothing to publish is stuck; a shorter one merely started late. */
const FAIR_STEP_MS = 60_000;
/** A step ends at the first page boundary after this long: a page that outlasts the execution costs no more than it again. */
const LONG_STEP_MS = 60_000;
/** Pages of one step, whose URLs are kept to find loops. */
const MAX_PAGES = 10_000;

type Page = NonNullable<StepRecord['continuation']>;

/** What a step read. */
export interface StepReading {
  readonly counts: StepCounts;
  /** Where the next step starts; null when the slice is complete. */
  readonly continuation: Page | null;
  /** It ended before its time was up, so that what it read is safe; another step may follow at once. */
  readonly isCut: boolean;
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
  const request = await buildRequest(step, deps.secrets);
  const seen = new Set<string>();
  let page: Page = step.position.continuation ?? { url: request.url, page: 1 };
  let counts = NO_PAGES;
  let longestMs = 0;

  for (;;) {
    const writtenBefore = files.written;
    const pageStartMs = deps.clock.now();
    seen.add(new URL(page.url).href);
    let read: Awaited<ReturnType<typeof readPage>>;
    try {
      read = await readPage({ ...request, ...page }, step, files, deps);
    } catch (error) {
      const isWhole = counts.pages > 0 && files.written === writtenBefore;
      if (isWhole) return { counts, continuation: page, isCut: false, failure: error };
      throw explain(error, step, counts, deps.clock.now() - startMs);
    }
    counts = addPage(counts, read.summary);
    const next = nextPage(read, page, request, seen, deps.redactor);
    if (next === null) return { counts, continuation: null, isCut: false };
    longestMs = Math.max(longestMs, deps.clock.now() - pageStartMs);
    // A page that overruns loses the whole step, so the next one may take twice as long as any before.
    const isNear = deps.clock.now() + 2 * longestMs >= step.deadlineMs;
    const isLong = deps.clock.now() - startMs >= (step.position.hasStalled ? 0 : LONG_STEP_MS);
    if (isNear || isLong || counts.pages >= MAX_PAGES) return { counts, continuation: next, isCut: !isNear };
    page = next;
  }
};

const readPage = async (request: SourceRequest, step: PagedStep, files: StagedFiles, deps: ReadDeps) => {
  const { signal, stopwatch } = deps;
  const response = await stopwatch.time('wait for headers', () =>
    deps.source.open(request, { signal, deadlineMs: step.deadlineMs }),
  );
  const place = `${response.url} page ${request.page}`;
  const options: DocumentOptions = {
    ...step.document,
    place,
    ...(step.http.next === undefined ? {} : { wanted: { next: step.http.next.url } }),
    ...(response.charset === undefined ? {} : { charset: response.charset }),
  };
  const summary = await readDocument(response.body, options, files.sinkOf(place), deps);
  return { summary, url: response.url };
};

const buildRequest = async (step: PagedStep, secrets: Secrets): Promise<SourceRequest> => {
  const { http, slice, plan } = step;
  const { auth, headers, idleTimeoutMs } = http;
  const needsSecret = auth.kind !== 'none' && headers.some(([, value]) => value.includes('${secret.'));
  const first = buildFirstRequest({
    feed: plan.definition,
    partition: slice.partition,
    ...(slice.window === undefined
      ? {}
      : { bounds: { fromMs: Date.parse(slice.window.from), toMs: Date.parse(slice.window.to) } }),
    ...(needsSecret ? { secret: await secrets.read(auth.secret) } : {}),
  });
  const trustedHosts = [new URL(first.url).host, ...http.trustedHosts];
  return { ...first, page: 1, auth, trustedHosts, idleTimeoutMs };
};

/** Where a page's next link leads; an absent or empty one is the end. */
const nextPage = (
  { summary, url }: Awaited<ReturnType<typeof readPage>>,
  { page }: Page,
  first: SourceRequest,
  seen: ReadonlySet<string>,
  redactor: Redactor,
): Page | null => {
  const link = summary.wanted.next?.trim() ?? '';
  if (link === '') return null;
  const target = followSafely({ link, page: url, place: `${url} page ${page}` }, first, redactor).href;
  if (!seen.has(target)) return { url: target, page: page + 1 };
  throw new PagingLoop(`${url} page ${page} leads back to ${showUrl(target)}, which was read already`);
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
