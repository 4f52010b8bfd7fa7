import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import { newPageAhead } from '../../../handlers/extract/page-ahead.ts';
import { startStopwatch } from '../../../handlers/extract/stopwatch.ts';
import type { SourceRequest } from '../../../handlers/ports/source.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { hastyClock, manualClock } from '../../fakes/manual-clock.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { execute, executeToEnd, feedOf, NOW, numbers, schedule, sealedIds, worldOf } from './world.ts';

const head = (n: number, last: number) => (n < last ? `<r next="/x?p=${n + 1}" token="${n + 1}">` : '<r>');
const tail = (n: number) => `<item><id>${n}</id></item></r>`;

interface Answering {
  readonly page: number;
  readonly response: ServerResponse;
  /** Comes when that page was asked for. */
  readonly asked: (page: number) => Promise<void>;
}

interface Options {
  readonly next?: string;
  readonly limits?: string;
  readonly more?: string;
  readonly answer?: (of: Answering) => Promise<void> | void;
  readonly pages?: number;
}

/** A server of three pages that notes what happens in its order: `ask N`, `end N`, and `cut N` of an answer that nobody read to its end. */
const open = async ({
  next = '{ url: /r/@next }',
  limits = '',
  more = '',
  answer,
  pages = 3,
}: Options = {}) => {
  const log: string[] = [];
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  const askedOf = (page: number) => {
    const one = waiting.get(page) ?? Promise.withResolvers<void>();
    waiting.set(page, one);
    return one;
  };
  const server = await loopbackSource(async (request, response) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('p') ?? 1);
    log.push(`ask ${page}`);
    response.on('close', () => log.push(`${response.writableFinished ? 'end' : 'cut'} ${page}`));
    askedOf(page).resolve();
    const more = page < pages;
    response.writeHead(200, {
      'content-type': 'text/xml',
      ...(more ? { link: `</x?p=${page + 1}>; rel="next"` } : {}),
    });
    const of: Answering = { page, response, asked: (n) => askedOf(n).promise };
    if (answer === undefined) response.end(head(page, pages) + tail(page));
    else await answer(of);
  });
  const feed = feedOf(
    'items',
    `source:
  http:
    url: ${server.origin}/x
    next: ${next}
${limits}
${more}
schedule: rate(1 day)
tables:
  a.items: { rows: /r/item, disposition: append, columns: { id: bigint } }
`,
  );
  const clock = hastyClock(Date.parse(NOW));
  const redactor = newRedactor();
  const parts = { sessions: newHttpSessions(clock), transports: newTransports(), random: () => 0 };
  const source = httpSource({ secrets: fixedSecrets(), clock, redactor, ...parts });
  const world = worldOf(feed, { ...source, readClock: () => Promise.resolve(undefined) });
  return { world, log, clock };
};

/** Ends a page only once the one after it was asked for. */
const afterNext =
  (pages = 3) =>
  async ({ page, response, asked }: Answering): Promise<void> => {
    response.write(head(page, pages));
    if (page < pages) await asked(page + 1);
    response.end(tail(page));
  };

const sealed = (world: Parameters<typeof sealedIds>[0]) => sealedIds(world, 'a.items');
const asksOf = (log: readonly string[]) => log.filter((one) => one.startsWith('ask'));

describe('the page after this one', () => {
  it.each([['{ url: /r/@next }'], ['{ header: Link }']])(
    'is asked for before this one has ended, and no other: %s',
    async (next) => {
      const { world, log } = await open({ next, answer: afterNext() });
      expect(await execute(world, schedule())).toEqual({ outcome: 'Done' });
      expect(sealed(world)).toEqual([1, 2, 3]);
      expect(log.indexOf('ask 2')).toBeLessThan(log.indexOf('end 1'));
      expect(log.indexOf('ask 3')).toBeGreaterThan(log.indexOf('end 1'));
      expect(log.indexOf('ask 3')).toBeLessThan(log.indexOf('end 2'));
      expect(asksOf(log)).toEqual(['ask 1', 'ask 2', 'ask 3']);
    },
  );

  const inTurn = ['ask 1', 'end 1', 'ask 2', 'end 2', 'ask 3', 'end 3'];
  /** Ends a page a while after it began, so that a page asked for ahead would be seen before. */
  const slowly = async ({ page, response }: Answering): Promise<void> => {
    response.write(head(page, 3));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
    response.end(tail(page));
  };

  it.each<[string, Options]>([
    [
      'its link is a token, which may be worth nothing once the next one was used',
      { next: '{ token: /r/@token, param: p }' },
    ],
    ['one request at once is the limit', { limits: '    limits: { concurrency: 1 }' }],
    [
      'all slices together may not ask more at once',
      { limits: '    limits: { concurrency: 3 }', more: 'partitions: [{ name: a }, { name: b }]' },
    ],
  ])('is asked for in its turn where %s', async (_, options) => {
    const { world, log } = await open({ ...options, answer: slowly });
    expect((await execute(world, schedule())).outcome).toBe('Done');
    const isOne = options.more === undefined;
    if (isOne) expect(log).toEqual(inTurn);
    // Of two slices, each asks for a page only when one of the pages before has ended.
    const ended = log.filter((one) => one.startsWith('end')).length;
    expect(ended).toBe(isOne ? 3 : 6);
    for (const [at, one] of log.entries()) {
      const asks = asksOf(log.slice(0, at + 1)).length;
      const ends = log.slice(0, at).filter((before) => before.startsWith('end')).length;
      if (one.startsWith('ask')) expect(asks - ends).toBeLessThanOrEqual(isOne ? 1 : 2);
    }
  });

  it('keeps to the rate of requests', async () => {
    const { world, log, clock } = await open({
      limits: '    limits: { requestsPerSecond: 0.5 }',
      answer: afterNext(),
    });
    const startMs = clock.now();
    expect((await execute(world, schedule())).outcome).toBe('Done');
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(3 * 2_000);
    expect(asksOf(log)).toHaveLength(3);
  });

  it('is held at its headers and what the connection buffers', async () => {
    const BYTES = 32 * 2 ** 20;
    let sent = Number.NaN;
    const filler = '<unread/>'.repeat(2 ** 13);
    const { world } = await open({
      pages: 2,
      answer: async ({ page, response, asked }) => {
        response.write(head(page, 2));
        if (page === 1) {
          await asked(2);
          await held.promise;
          response.end(tail(1));
          return;
        }
        for (let bytes = 0; bytes < BYTES; bytes += filler.length) {
          if (response.write(filler)) continue;
          // The first time that nobody takes more for a while, page 1 may end.
          const drained = once(response, 'drain').then(() => true);
          let turns = 0;
          const idle = async (): Promise<boolean> => {
            while (turns++ < 2_000) await new Promise((done) => setImmediate(done));
            return false;
          };
          if (Number.isNaN(sent) && !(await Promise.race([drained, idle()]))) {
            sent = bytes;
            held.resolve();
          }
          await drained;
        }
        held.resolve();
        response.end(tail(2));
      },
    });
    const held = Promise.withResolvers<void>();
    expect(await execute(world, schedule())).toEqual({ outcome: 'Done' });
    expect(sealed(world)).toEqual([1, 2]);
    expect(sent).toBeLessThan(BYTES / 2);
  });
});

describe('an answer that was asked for ahead', () => {
  it('is let go where this page breaks off, and nothing is lost', async () => {
    let isFirst = true;
    const { world, log } = await open({
      answer: async ({ page, response, asked }) => {
        response.write(head(page, 3));
        if (page === 2 && isFirst) {
          isFirst = false;
          await asked(3);
          response.socket?.destroy();
        } else if (page < 3 || !isFirst) response.end(tail(page));
      },
    });
    expect((await execute(world, schedule())).outcome).toBe('SourceTruncated');
    expect((await executeToEnd(world, schedule())).at(-1)?.outcome).toBe('Done');
    expect(sealed(world)).toEqual([1, 2, 3]);
    expect(asksOf(log)).toEqual(['ask 1', 'ask 2', 'ask 3', 'ask 2', 'ask 3']);
  });

  it('is cut when the document turns out to be wrong', async () => {
    const cut = Promise.withResolvers<void>();
    const { world } = await open({
      answer: async ({ page, response, asked }) => {
        response.write(head(page, 3));
        if (page === 2) {
          response.on('close', cut.resolve); // its answer never ends by itself
          return;
        }
        await asked(2);
        response.end('<item></wrong>');
      },
    });
    expect((await execute(world, schedule())).outcome).toBe('XmlMalformed');
    await cut.promise;
  });

  it('is cut when the invocation ends', async () => {
    const controller = new AbortController();
    const reason = new Error('no more time');
    const cut = Promise.withResolvers<void>();
    const { world } = await open({
      answer: async ({ page, response, asked }) => {
        response.write(head(page, 3));
        if (page === 2) {
          response.on('close', cut.resolve);
          return;
        }
        await asked(2);
        controller.abort(reason);
      },
    });
    expect((await execute(world, schedule(), { signal: controller.signal })).error).toBe(reason);
    await cut.promise;
  });

  it('that is an error leaves the pages before it published', async () => {
    let isFirst = true;
    const { world, log } = await open({
      answer: async ({ page, response, asked }) => {
        if (page === 2 && isFirst) {
          isFirst = false;
          response.socket?.destroy();
          return;
        }
        response.write(head(page, 3));
        if (page === 1) await asked(2);
        response.end(tail(page));
      },
    });
    expect((await execute(world, schedule())).outcome).toMatch(/^Source(Truncated|Unavailable)$/);
    expect((await executeToEnd(world, schedule())).at(-1)?.outcome).toBe('Done');
    expect(sealed(world)).toEqual([1, 2, 3]);
    expect(asksOf(log)).toEqual(['ask 1', 'ask 2', 'ask 2', 'ask 3']);
  });
});

describe('a step', () => {
  const feed = feedOf(
    'items',
    `source: { http: { url: "http://127.0.0.1:8080/workitem", next: { url: "/workitem[@rel='next']/@href" } } }
schedule: rate(1 day)
tables:
  a.items: { rows: /workitem/workItem, disposition: append, columns: { id: bigint } }
`,
  );

  it('that is going to end with this page asks for none ahead', async () => {
    const source = pagedSource({ pages: 6, rowsPerPage: 1 });
    const world = worldOf(feed, source);
    const open: typeof source.open = async (request, limits) => {
      const response = await source.open(request, limits);
      const slowly = async function* () {
        world.clock.advance(35_000);
        yield* response.body;
      };
      return { ...response, body: slowly() };
    };
    expect((await executeToEnd({ ...world, source: { ...source, open } }, schedule())).at(-1)?.outcome).toBe(
      'Done',
    );
    expect(source.opened).toEqual(numbers(6));
    expect(sealed(world)).toEqual(numbers(6));
  });
});

describe('one request ahead', () => {
  const request = { url: 'http://127.0.0.1:8080/workitem', page: 1 } as SourceRequest;
  const newAhead = () => {
    const clock = manualClock();
    const source = pagedSource({ pages: 3, rowsPerPage: 1 });
    const signals: AbortSignal[] = [];
    const open: typeof source.open = (of, limits) => {
      signals.push(limits.signal);
      return source.open(of, limits);
    };
    const signal = new AbortController().signal;
    const deps = { source: { open }, clock, signal, stopwatch: startStopwatch() };
    return { clock, source, signals, ahead: newPageAhead(deps, 0) };
  };

  it('is the only one until it is taken', async () => {
    const { ahead, source, signals } = newAhead();
    ahead.ask('a', request);
    ahead.ask('b', request);
    expect(source.opened).toEqual([1]);
    expect((await ahead.take('a'))?.url).toBe(request.url);
    expect(ahead.take('a')).toBeUndefined();
    ahead.ask('b', request);
    expect([source.opened, signals.map(({ aborted }) => aborted)]).toEqual([
      [1, 1],
      [false, false],
    ]);
  });

  it('is let go where another page is needed', () => {
    const { ahead, signals } = newAhead();
    ahead.ask('a', request);
    expect(ahead.take('b')).toBeUndefined();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('is made again where its answer has waited for longer than servers do', async () => {
    const { ahead, clock, signals } = newAhead();
    ahead.ask('a', request);
    await new Promise((done) => setImmediate(done));
    clock.advance(10_001);
    expect(ahead.take('a')).toBeUndefined();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});
