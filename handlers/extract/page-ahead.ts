import type { Clock } from '../ports/clock.ts';
import type { Source, SourceRequest, SourceResponse } from '../ports/source.ts';
import type { Stopwatch } from './stopwatch.ts';

/**
 * One request before its turn: the page after the one that is read. Its answer stays where it is up to its headers and what the connection
 * buffers, until it is taken or let go.
 */
export interface PageAhead {
  /** Asks, unless a page is asked for already. `trace` is what tells the request from others. */
  ask(trace: string, request: SourceRequest): void;
  /** The answer to that request, or its error; undefined where it has to be asked for now. What else was asked for is let go. */
  take(trace: string): Promise<SourceResponse> | undefined;
  /** Lets go of what was asked for and not taken: its connection is closed. */
  drop(): void;
}

/** A server gives up on an answer that nobody reads. One that has waited this long is asked for again. */
const LONGEST_WAIT_MS = 10_000;

interface Asked {
  readonly trace: string;
  readonly answer: Promise<SourceResponse>;
  readonly end: AbortController;
  answeredMs: number | undefined;
}

interface PageAheadDeps {
  readonly source: Source;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stopwatch: Pick<Stopwatch, 'timeTurn'>;
}

export const newPageAhead = (
  { source, clock, signal, stopwatch }: PageAheadDeps,
  deadlineMs: number,
): PageAhead => {
  let asked: Asked | undefined;
  const drop = (): void => {
    asked?.end.abort(new Error('the page was asked for ahead, and is not needed'));
    asked = undefined;
  };
  return {
    ask: (trace, request) => {
      if (asked !== undefined) return;
      const end = new AbortController();
      const answer = source.open(request, {
        signal: AbortSignal.any([signal, end.signal]),
        deadlineMs,
        timeTurn: stopwatch.timeTurn,
      });
      const one: Asked = { trace, answer, end, answeredMs: undefined };
      asked = one;
      // Its error is told when it is taken, and to nobody when it is let go.
      answer.then(
        () => {
          one.answeredMs = clock.now();
        },
        () => undefined,
      );
    },
    take: (trace) => {
      const isOld = asked?.answeredMs !== undefined && clock.now() - asked.answeredMs > LONGEST_WAIT_MS;
      if (asked === undefined || asked.trace !== trace || isOld) {
        drop();
        return undefined;
      }
      const { answer } = asked;
      asked = undefined;
      return answer;
    },
    drop,
  };
};
