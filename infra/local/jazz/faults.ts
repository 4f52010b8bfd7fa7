import { setTimeout as sleep } from 'node:timers/promises';

/** What the server can be told to do wrong: each is something that a real one, or the way to it, has done. */
export type Fault =
  /** The body ends, cleanly for HTTP, in the middle of a record. */
  | { readonly kind: 'truncated' }
  /** A bare `&` stands in a record. */
  | { readonly kind: 'ampersand' }
  /** A record's tags do not match. */
  | { readonly kind: 'malformed' }
  /** The connection is cut in the middle of a record. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'notFound' }
  /** The next link leads elsewhere, e.g. `http://127.0.0.1:9`. */
  | { readonly kind: 'foreignNext'; readonly origin: string }
  /** Each record waits. */
  | { readonly kind: 'drip'; readonly delayMs: number }
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  /** 500 for a field that the server says it has not. */
  | { readonly kind: 'illegalField' }
  /** 200 and HTML, and every session has ended. */
  | { readonly kind: 'login' };

export interface FaultRule {
  readonly fault: Fault;
  /** Only this page of a result set; the first is 1. Default any. */
  readonly page?: number;
  /** How many responses it spoils. Default until cleared. */
  readonly times?: number;
}

/** The faults that are on; the first that fits a page spoils it. */
export interface FaultBoard {
  add(rule: FaultRule): void;
  clear(): void;
  take(page: number): Fault | undefined;
}

export const makeFaultBoard = (): FaultBoard => {
  let rules: { rule: FaultRule; left: number }[] = [];
  return {
    add: (rule) => {
      rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
    },
    clear: () => {
      rules = [];
    },
    take: (page) => {
      const found = rules.find(({ rule, left }) => left > 0 && (rule.page ?? page) === page);
      if (found !== undefined) found.left -= 1;
      return found?.rule.fault;
    },
  };
};

/** Passes a page's records on, the middle one spoiled; `close` ends the document, unless it is to be cut short. */
export async function* spoil(
  records: Iterable<string>,
  count: number,
  close: string,
  fault: Fault | undefined,
): AsyncGenerator<string> {
  const middle = Math.floor(count / 2);
  let n = 0;
  for (const record of records) {
    const isHit = n === middle;
    n += 1;
    if (fault?.kind === 'drip') await sleep(fault.delayMs);
    if (!isHit || fault === undefined) yield record;
    else if (fault.kind === 'ampersand') yield record.replace('</', ' Tom & Jerry</');
    else if (fault.kind === 'malformed') yield record.replace(/<\/(\w+)>/, '</$1x>');
    else if (fault.kind === 'truncated' || fault.kind === 'cut') {
      yield record.slice(0, Math.floor(record.length / 2));
      return;
    } else yield record;
  }
  yield close;
}
