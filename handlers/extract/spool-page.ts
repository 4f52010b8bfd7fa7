import { Readable } from 'node:stream';
import {
  InvalidInput,
  SourceRefused,
  TransientError,
  UntrustedHost,
  XmlLimitExceeded,
} from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { isComparison, parseKey, type SpoolName, toKey } from '../../shared/state/keys.ts';
import { type BatchThread, EVENT, type SpoolPageInput } from '../../shared/state/messages.ts';
import { planRecord, type SpooledRecord, spooledRecord, spoolRecord } from '../../shared/state/records.ts';
import { DEFAULT_LIMITS } from '../../shared/xml/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Rest, Source, SourceRequest } from '../ports/source.ts';
import { putRecord, readKnownRecord, readRecord } from '../records.ts';
import { firstPage, toFirstRequests, toRequest } from './page-requests.ts';
import { findSlice, toPartition } from './partition.ts';
import { readWhole } from './read-whole.ts';

export interface SpoolPageDeps {
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly events: Events;
  readonly clock: Clock;
  readonly invocation: string;
  readonly signal: AbortSignal;
}

/** The source may wait for its turn, and for a Retry-After, up to so long; the rest of 15 minutes is for the body. */
const WAIT_MS = 5 * 60_000;
const TRIES = 3;
const PAUSE_MS = 15_000;

/**
 * Copies one page of a source to S3 and lets its slice go on. Where that fails, it says so in the same place: the slice then asks the
 * source itself, whose answer tells what becomes of the batch.
 */
export const spoolPage = async ({ thread, spool }: SpoolPageInput, deps: SpoolPageDeps): Promise<void> => {
  const name = parseKey(spool);
  if (name.kind !== 'spool') throw new InvalidInput(`key ${spool} asks for no page, allowed spool/….json`);
  const key = toKey({ ...name, kind: 'spooled' });
  if ((await readRecord(deps.records, key, spooledRecord)) === undefined) {
    const request = await findRequest(thread, name, spool, deps);
    const outcome = await copyPage(request, name, deps).then(
      (page) => ({ page }),
      (error: unknown) => ({ failure: toFailure(error, deps.redactor) }),
    );
    const at = new Date(deps.clock.now()).toISOString();
    await putRecord(deps.records, key, { invocation: deps.invocation, at, ...outcome }, spooledRecord);
  }
  await deps.events.put(EVENT.continue, {
    feed: thread.feed,
    ...(thread.scheduledTime === undefined ? {} : { scheduledTime: thread.scheduledTime }),
    ...(isComparison(thread.batch) ? { compares: true as const } : {}),
    generation: thread.generation + 1,
    correlation: thread.correlation,
  });
};

/** The request of the page, as its step makes it. */
const findRequest = async (
  { planKey }: BatchThread,
  { slice: number, restart, step }: SpoolName,
  spool: string,
  { records, secrets }: SpoolPageDeps,
): Promise<SourceRequest> => {
  const { continuation } = await readKnownRecord(records, spool, spoolRecord);
  const plan = await readKnownRecord(records, planKey, planRecord);
  const { source: http } = plan.definition;
  if (http.kind !== 'http') throw new InvalidInput(`plan of ${plan.batch} reads no pages`);
  const { slice, page } = toPartition(findSlice(plan, number), continuation);
  const of = { plan, http, slice, position: { restart, step, continuation: page } };
  const begin = await toFirstRequests(of, secrets);
  // A document that the source says is unchanged has nothing to copy.
  return {
    ...toRequest(of, begin(), page ?? { ...firstPage(http, begin()), page: 1 }),
    validators: undefined,
  };
};

/** Tries again what passes, as long as there is time. */
const copyPage = async (
  request: SourceRequest,
  name: SpoolName,
  deps: SpoolPageDeps,
): Promise<SpooledRecord['page']> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await copyOnce(request, name, deps);
    } catch (error) {
      const isPassing = error instanceof TransientError && !deps.signal.aborted;
      if (!isPassing || tried === TRIES) throw error;
      await deps.clock.sleep(tried * PAUSE_MS, deps.signal);
    }
  }
};

const copyOnce = async (
  request: SourceRequest,
  name: SpoolName,
  { source, streams, redactor, clock, invocation, signal }: SpoolPageDeps,
): Promise<SpooledRecord['page']> => {
  const response = await source.open(request, { signal, deadlineMs: clock.now() + WAIT_MS });
  if (response.isEmpty === true) {
    throw new SourceRefused(
      `${response.url}: the answer is one without a page, by the feed's rules; there is nothing to copy`,
    );
  }
  const link = response.header('link');
  if (link !== undefined && redactor.redact(link) !== link) {
    throw new UntrustedHost(`${response.url}: the Link header has a secret of the feed in it`);
  }
  const read = { bytes: 0 };
  const openRest = (rest: Rest) =>
    source.open({ ...request, rest }, { signal, deadlineMs: clock.now() + WAIT_MS });
  const body = Readable.from(countDocument(response.url, readWhole(response, openRest), read), {
    objectMode: false,
  });
  const uploaded = await streams.upload(toKey({ ...name, kind: 'spoolBody', invocation }), body, signal);
  const { url, charset } = response;
  return {
    url,
    ...(charset === undefined ? {} : { charset }),
    ...(link === undefined ? {} : { link }),
    body: { ...uploaded, bytes: read.bytes },
  };
};

async function* countDocument(url: string, body: AsyncIterable<Uint8Array>, read: { bytes: number }) {
  for await (const chunk of body) {
    read.bytes += chunk.byteLength;
    if (read.bytes > DEFAULT_LIMITS.documentSize) {
      throw new XmlLimitExceeded(
        `${url}: the document is over documentSize, ${DEFAULT_LIMITS.documentSize} bytes`,
      );
    }
    yield chunk;
  }
}

const toFailure = (error: unknown, { redact }: Redactor): NonNullable<SpooledRecord['failure']> => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { error: name, message: redact(message) };
};
