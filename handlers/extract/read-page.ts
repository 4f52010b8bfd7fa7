import { createHash, type Hash } from 'node:crypto';
import { quoteLine } from '../../shared/redact/quote.ts';
import { pagingFormOf } from '../../shared/source/paging/registry.ts';
import { wantedPaths } from '../../shared/source/paging/wanted-paths.ts';
import { signPaths } from '../../shared/source/responses/match.ts';
import { type PageOfRules, readByRules } from '../../shared/source/responses/read-by-rules.ts';
import { showUrl } from '../../shared/source/trusted-hosts.ts';
import { toValueText, valueVariables } from '../../shared/source/value-variables.ts';
import type { DocumentOptions, DocumentSummary } from '../../shared/xml/document.ts';
import type { SourceRequest, SourceResponse } from '../ports/source.ts';
import type { PagedStep, ReadDeps } from './paged-step.ts';
import { readDocument } from './read-document.ts';
import { sliceValuesOf } from './slice-values.ts';
import type { StagedFiles } from './staged-files.ts';
import { Unchanged } from './unchanged.ts';

/** What an answer's head says. */
export interface PageHead {
  readonly place: string;
  /** Where the answer came from in the end. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
}

/** A page that was read; `isEmpty` has no record, and no page after it. */
export interface ReadPage extends PageHead, PageOfRules {
  readonly requested: string;
  /** None where there was no document. */
  readonly summary: DocumentSummary | undefined;
  /** Of its bytes, where paging counts. */
  readonly digest: string | undefined;
}

/** How a page is asked for, and who is told what is known of it before its end. */
export interface PageReading {
  readonly files: StagedFiles;
  readonly open: (request: SourceRequest) => Promise<SourceResponse>;
  /** Told of the head, and of each value of `next` as soon as it is found. */
  readonly onKnown: (head: PageHead, wanted: Readonly<Record<string, string>>) => void;
}

/** Reads one page, as the feed's rules have it. */
export const readPage = (
  request: SourceRequest,
  step: PagedStep,
  reading: PageReading,
  deps: ReadDeps,
): Promise<ReadPage> =>
  readByRules(
    step.http.responses,
    (text) => quoteLine(text, deps.redactor.redact),
    (isLapsed) => readAnswer(isLapsed ? { ...request, isLapsed } : request, step, reading, deps),
  );

const readAnswer = async (
  request: SourceRequest,
  step: PagedStep,
  { files, open, onKnown }: PageReading,
  deps: ReadDeps,
): Promise<ReadPage> => {
  const response = await deps.stopwatch.time('wait for headers', () => open(request));
  if (response.isUnchanged === true) throw new Unchanged(`${response.url} is not modified`);
  const { url, header } = response;
  const place = `${url} page ${request.page}`;
  const head = { place, url, header };
  const read = { ...head, requested: request.url };
  if (response.isEmpty === true)
    return { ...read, isEmpty: true, summary: undefined, records: 0, signs: {}, digest: undefined };
  onKnown(head, {});
  const { next, responses } = step.http;
  const options: DocumentOptions = {
    ...step.document,
    place,
    valueText: toValueText(
      valueVariables(sliceValuesOf(step), { pageUrl: deps.redactor.redact(showUrl(url)) }),
    ),
    wanted: wantedPaths(step.http),
    signs: signPaths(responses),
    onWanted: (name, value) => onKnown(head, { [name]: value }),
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
