import { OutOfTime, SourceRefused, StepMovedNothing } from '../../shared/errors.ts';
import type { HttpSource } from '../../shared/model/feed.ts';
import { traceOf } from '../../shared/source/paging/next-page.ts';
import { TOTAL } from '../../shared/source/paging/total.ts';
import { isFull, linkPaths } from '../../shared/source/paging/unmatched-next.ts';
import type { FirstRequest } from '../../shared/source/request.ts';
import { showUrl } from '../../shared/source/trusted-hosts.ts';
import { isOneDocument, readValidators, type Validators } from '../../shared/source/validators.ts';
import type { PlanRecord, StepRecord } from '../../shared/state/records.ts';
import { watchForOlder } from './older-pages.ts';
import { newPageAhead, type PageAhead } from './page-ahead.ts';
import { firstPage, type Page, toFirstRequests, toRequest } from './page-requests.ts';
import { newPageTrail, type PageTrail } from './page-trail.ts';
import type { PagedStep, ReadDeps } from './paged-step.ts';
import { type PageReading, type ReadPage, readPage } from './read-page.ts';
import type { StagedFiles } from './staged-files.ts';
import { addPage, NO_PAGES, type StepCounts, union } from './step-counts.ts';
import { newStepEnd, type StepEnd } from './step-end.ts';
import { STEP_TIMES } from './step-times.ts';

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
  const begin = await toFirstRequests(step, deps.secrets);
  const trail = newPageTrail(step.http, begin, step.position.continuation?.records ?? 0, deps.redactor);
  const ahead = newPageAhead(deps, step.deadlineMs);
  try {
    return await readOn(step, { begin, trail, ahead, files }, deps);
  } finally {
    ahead.drop();
  }
};

/** What the reading of a step's pages shares. */
interface Road {
  readonly begin: (token?: string) => FirstRequest;
  readonly trail: PageTrail;
  readonly ahead: PageAhead;
  readonly files: StagedFiles;
}

const readOn = async (step: PagedStep, road: Road, deps: ReadDeps): Promise<StepReading> => {
  const { begin, trail, files } = road;
  const isBeforeWindow = watchForOlder(step.plan);
  const time = newStepEnd(step, deps.clock);
  let page: Page = step.position.continuation ?? { ...firstPage(step.http, begin()), page: 1 };
  let counts = NO_PAGES;

  for (;;) {
    const writtenBefore = files.written;
    time.beginPage();
    trail.seen.add(traceOf(page));
    let read: ReadPage;
    try {
      const request = toRequest(step, begin(), page);
      const isFirst = counts.pages === 0;
      const reading = toReading(page, isFirst ? step : { ...step, spooled: undefined }, road, time, deps);
      read = await deps.stopwatch.timePage(toPlace(request.url, page.page), () =>
        readPage(request, step, reading, deps),
      );
    } catch (error) {
      const isWhole = counts.pages > 0 && files.written === writtenBefore;
      if (isWhole) return { counts, continuation: page, isCut: false, failure: error };
      const { fairMs } = deps.times ?? STEP_TIMES;
      throw explain(error, step, counts, { tookMs: time.spentMs(), fairMs });
    }
    counts = notePage(counts, read, step.http);
    const { summary, isEmpty, place } = read;
    if (summary === undefined || isEmpty) trail.end(place);
    const isLast = summary === undefined || isEmpty || isBeforeWindow(summary, place);
    const next = isLast ? null : trail.follow(page, { ...read, summary });
    if (next === null)
      return { counts, continuation: null, isCut: false, validators: validatorsOf(step.plan, read) };
    const end = time.endPage();
    if (end !== undefined) return { counts, continuation: next, isCut: end === 'long' };
    page = next;
  }
};

/** Without the query, which is longer than a trace has room for. */
const toPlace = (url: string, page: number): string => `${showUrl(url).replace(/[?#].*$/s, '')} page ${page}`;

/** How a page of the step is asked for; the one after it is, too, once it is known, where there is room for that. */
const toReading = (
  page: Page,
  step: PagedStep,
  { begin, trail, ahead, files }: Road,
  time: StepEnd,
  { source, signal, stopwatch }: ReadDeps,
): PageReading => ({
  files,
  open: (request) =>
    (request.isLapsed === true ? undefined : (step.spooled?.() ?? ahead.take(traceOf(request)))) ??
    source.open(request, { signal, deadlineMs: step.deadlineMs, timeTurn: stopwatch.timeTurn }),
  onKnown: (head, wanted) => {
    if (!hasRoomAhead(step) || time.endsWithPage()) return;
    const next = trail.foresee(page, head, wanted);
    if (next !== undefined) ahead.ask(traceOf(next), toRequest(step, begin(), next));
  },
});

/**
 * Whether a request beside the one that is read stays within the limit of requests at once, which slices share. Where paging ends by what
 * the records are, a page beyond the end would be asked for each time.
 */
const hasRoomAhead = ({ plan, http: { concurrency } }: PagedStep): boolean =>
  2 * Math.min(plan.slices.length, concurrency) <= concurrency &&
  plan.definition.window?.stopWhenOlder !== true;

/** What the server tells its document by, where a later run may ask by it. */
const validatorsOf = ({ definition }: PlanRecord, { header, isEmpty }: ReadPage): Validators | undefined =>
  isOneDocument(definition) && !isEmpty ? readValidators(header) : undefined;

/** Adds a page, and notes whether it said where the next one is, or is the only one though it is full. */
const notePage = (
  before: StepCounts,
  { summary, isEmpty, requested }: ReadPage,
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
    const message = `step ${position.step} of slice ${slice.slice}, from ${from}, took ${Math.round(tookMs / 1000)} s, all the time that it has, and stopped in its page ${counts.pages + 1}`;
    const isAlone = counts.pages === 0 && step.spooled === undefined;
    return new (isAlone ? PageOutlastsStep : StepMovedNothing)(message, { cause: error });
  }
  const isFirstLink = counts.pages === 0 && position.continuation !== null;
  if (isFirstLink && error instanceof SourceRefused && error.isRequestAtFault) {
    return new ContinuationLost(`source no longer knows ${from}`, { cause: error });
  }
  return error;
};
