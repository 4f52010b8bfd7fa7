import { createHash, type Hash } from 'node:crypto';
import { OutOfTime, SourceRefused, StepMovedNothing } from '../../shared/errors.ts';
import type { HttpSource } from '../../shared/model/feed.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { traceOf } from '../../shared/source/paging/next-page.ts';
import { pagingFormOf } from '../../shared/source/paging/registry.ts';
import { TOTAL } from '../../shared/source/paging/total.ts';
import { isFull, linkPaths } from '../../shared/source/paging/unmatched-next.ts';
import { wantedPaths } from '../../shared/source/paging/wanted-paths.ts';
import type { StepRecord } from '../../shared/state/records.ts';
import type { DocumentOptions } from '../../shared/xml/document.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source, SourceRequest, SourceResponse } from '../ports/source.ts';
import { watchForOlder } from './older-pages.ts';
import { firstPage, type PagesOf, toFirstRequests, toRequest } from './page-requests.ts';
import { newPageTrail, type Page } from './page-trail.ts';
import { readDocument } from './read-document.ts';
import type { SlicePosition } from './slice-position.ts';
import type { StagedFiles } from './staged-files.ts';
import { addPage, NO_PAGES, type StepCounts, union } from './step-counts.ts';
import { STEP_TIMES, type StepTimes } from './step-times.ts';
import type { Stopwatch } from './stopwatch.ts';

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
  /** Why it ended, where that is an error after pages that are whole: publish them, then throw it. */
  readonly failure?: unknown;
}

export interface PagedStep extends PagesOf {
  readonly position: SlicePosition;
  readonly document: Pick<DocumentOptions, 'contract' | 'rowNumbers' | 'cursorBounds'>;
  /** Steps end at a page boundary by then, epoch milliseconds. */
  readonly deadlineMs: number;
  /** The answer to the step's first request, where that was spooled. */
  readonly spooled?: (() => Promise<SourceResponse>) | undefined;
}

export interface ReadDeps {
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stopwatch: Stopwatch;
  /** @default STEP_TIMES */
  readonly times?: StepTimes | undefined;
}

/** One page of the source alone had a step's whole time, and did not end: it has to be copied by what has more. */
export class PageOutlastsStep extends StepMovedNothing {}

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
      const open = counts.pages === 0 ? step.spooled : undefined;
      read = await readPage(toRequest(step, begin(), page), open, step, files, deps);
    } catch (error) {
      const isWhole = counts.pages > 0 && files.written === writtenBefore;
      if (isWhole) return { counts, continuation: page, isCut: false, failure: error };
      const { fairMs } = deps.times ?? STEP_TIMES;
      throw explain(error, step, counts, { tookMs: deps.clock.now() - startMs, fairMs });
    }
    counts = notePage(addPage(counts, read.summary), read, step.http);
    if (isBeforeWindow(read.summary, read.place)) return { counts, continuation: null, isCut: false };
    const next = trail.follow(page, read);
    if (next === null) return { counts, continuation: null, isCut: false };
    longestMs = Math.max(longestMs, deps.clock.now() - pageStartMs);
    // A page that overruns loses the whole step, so the next one may take twice as long as any before.
    const isNear = deps.clock.now() + 2 * longestMs >= step.deadlineMs;
    const isLong = deps.clock.now() - startMs >= (step.position.hasStalled ? 0 : LONG_STEP_MS);
    if (isNear || isLong || counts.pages >= MAX_PAGES) return { counts, continuation: next, isCut: !isNear };
    page = next;
  }
};

const readPage = async (
  request: SourceRequest,
  spooled: PagedStep['spooled'],
  step: PagedStep,
  files: StagedFiles,
  deps: ReadDeps,
) => {
  const { signal, stopwatch } = deps;
  const { next } = step.http;
  const response = await stopwatch.time('wait for headers', () =>
    spooled === undefined ? deps.source.open(request, { signal, deadlineMs: step.deadlineMs }) : spooled(),
  );
  const place = `${response.url} page ${request.page}`;
  const options: DocumentOptions = {
    ...step.document,
    place,
    wanted: wantedPaths(step.http),
    ...(response.charset === undefined ? {} : { charset: response.charset }),
  };
  // Only where we count is a page like one before it a sign that nobody else does.
  const digest = next !== undefined && pagingFormOf(next).isCounted ? createHash('sha1') : undefined;
  const body = digest === undefined ? response.body : digesting(response.body, digest);
  const summary = await readDocument(body, options, files.sinkOf(place), deps);
  return {
    summary,
    place,
    requested: request.url,
    url: response.url,
    header: response.header,
    digest: digest?.digest('hex'),
  };
};

type Read = Awaited<ReturnType<typeof readPage>>;

async function* digesting(chunks: AsyncIterable<Uint8Array>, digest: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    digest.update(chunk);
    yield chunk;
  }
}

/** Notes whether the page said where the next one is, or is the only one though it is full. */
const notePage = (counts: StepCounts, { summary, requested }: Read, http: HttpSource): StepCounts => {
  const links = linkPaths(http).map(({ key }) => key);
  if (links.length === 0) return counts;
  if (Object.keys(summary.wanted).some((name) => name !== TOTAL))
    return { ...counts, matched: union(counts.matched, links) };
  return { ...counts, isFull: counts.isFull || isFull(requested, summary.records) };
};

/** A step that ends with nothing to publish says more than its error: it is stuck, or its first link has expired. */
const explain = (
  error: unknown,
  step: PagedStep,
  counts: StepCounts,
  { tookMs, fairMs }: { readonly tookMs: number; readonly fairMs: number },
): unknown => {
  const { slice, position } = step;
  const from = position.continuation?.url ?? 'the first page';
  if (error instanceof OutOfTime && tookMs >= fairMs) {
    const message = `step ${position.step} of slice ${slice.slice}, from ${from}, had ${Math.round(tookMs / 1000)} s and broke off in page ${counts.pages + 1} of its own`;
    const isAlone = counts.pages === 0 && step.spooled === undefined;
    return new (isAlone ? PageOutlastsStep : StepMovedNothing)(message, { cause: error });
  }
  const isFirstLink = counts.pages === 0 && position.continuation !== null;
  if (isFirstLink && error instanceof SourceRefused && error.isRequestAtFault) {
    return new ContinuationLost(`source no longer knows ${from}`, { cause: error });
  }
  return error;
};
