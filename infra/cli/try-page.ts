import { SourceUnavailable, TransientError } from '../../shared/errors.ts';
import type { CommandIo } from './command-io.ts';
import { placeOf } from './page-place.ts';

/** A person waits: less patience than a run has, and enough for a server that restarts. */
const PAUSES_MS = [1000, 2000, 4000];

export interface TryDeps {
  /** What is tried: `preview`. */
  readonly verb: string;
  readonly io: Pick<CommandIo, 'sleep' | 'signal'>;
  /** Tells of a try that failed, and when the next one comes. */
  readonly tell: (line: string) => void;
  /** An error's message in one line, without secrets. */
  readonly quote: (text: string) => string;
}

/**
 * Reads a page, and again where the error is one that a run tries again; `undo` takes back what the failed try has left. Throws the
 * error of the last try, with what to do about it, and the signal's reason as soon as that fires.
 */
export const tryPage = async <P>(
  read: () => Promise<P>,
  undo: () => void,
  { verb, io, tell, quote }: TryDeps,
): Promise<P> => {
  const tries = PAUSES_MS.length + 1;
  for (const [index, pauseMs] of PAUSES_MS.entries()) {
    try {
      return await read();
    } catch (error) {
      if (!isPassing(error) || io.signal.aborted) throw error;
      tell(`${quote(error.message)}; try ${index + 2} of ${tries} in ${pauseMs / 1000} s`);
      await io.sleep(pauseMs);
      undo();
    }
  }
  try {
    return await read();
  } catch (error) {
    if (!isPassing(error) || io.signal.aborted) throw error;
    throw new TransientError(
      `${error.message}; that was try ${tries} of ${tries}; run npx millrace ${verb} again later (a scheduled run tries again by itself); ${placeOf('runbook')}, ExtractFailed, says what each error asks for`,
      { cause: error },
    );
  }
};

/** A source that is asked too often was waited for already, as long as a wait is worth it. */
const isPassing = (error: unknown): error is TransientError =>
  error instanceof TransientError &&
  error.fate === 'retry' &&
  !(error instanceof SourceUnavailable && error.isThrottle);
