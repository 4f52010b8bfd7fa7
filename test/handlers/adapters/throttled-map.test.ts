import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { mulberry32 } from '../../../infra/local/asl/jsonata.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { pageXml } from '../../fakes/paged-source.ts';
import {
  executeToEnd,
  feedOf,
  NOW,
  numbers,
  schedule,
  sealedIds,
  TABLES,
  worldOf,
} from '../extract/world.ts';

const SLICES = 40;
const PAGES = 3;
const ROWS = 5;
/** What the server takes in each second; a Map of 40 asks for five times that at its start. */
const LIMIT = 8;

const feedOfSlices = (origin: string): Feed =>
  feedOf(
    'items',
    `source:
  http:
    url: ${origin}/items
    params: { of: "\${partition}", from: "\${window.from}" }
    next: { url: /workitem/@href }
partitions: [${numbers(SLICES)
      .map((n) => `{ name: "${n}" }`)
      .join(', ')}]
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z }
${TABLES}`,
  );

/** A server that answers 429 to all above its limit in a second of the clock, now with and now without a Retry-After. */
const throttlingServer = async (now: () => number) => {
  const seen = { second: 0, inSecond: 0, refused: 0, served: 0 };
  const server = await loopbackSource((request, response) => {
    const second = Math.floor(now() / 1000);
    if (second !== seen.second) Object.assign(seen, { second, inSecond: 0 });
    seen.inSecond += 1;
    if (seen.inSecond > LIMIT) {
      seen.refused += 1;
      response.writeHead(429, seen.refused % 2 === 0 ? { 'retry-after': '2' } : {}).end('slow down');
      return;
    }
    seen.served += 1;
    const url = new URL(request.url ?? '/', server.origin);
    const page = Number(url.searchParams.get('page') ?? '1');
    const first = ((Number(url.searchParams.get('of')) - 1) * PAGES + page - 1) * ROWS + 1;
    const next = `items?of=${url.searchParams.get('of')}&page=${page + 1}`;
    const xml = pageXml(first, first + ROWS - 1, page < PAGES ? next : undefined);
    response.writeHead(200, { 'content-type': 'text/xml' }).end(xml);
  });
  return { ...server, seen };
};

/** Lets time pass, a moment whenever nothing else is to be done, until the work is done. */
const whileTimePasses = async <T>(work: Promise<T>, clock: ReturnType<typeof manualClock>): Promise<T> => {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  done.catch(() => {});
  while (!isDone) {
    for (let turn = 0; turn < 20 && !isDone; turn += 1) await setImmediate();
    clock.advance(100);
  }
  return done;
};

it('a Map of 40 slices ends without a failed execution at a server that answers 429 above its limit', async () => {
  const clock = manualClock(Date.parse(NOW));
  const server = await throttlingServer(clock.now);
  const redactor = newRedactor();
  const shared = {
    clock,
    redactor,
    secrets: fixedSecrets({}, redactor),
    random: mulberry32(7),
    sessions: newHttpSessions(clock),
    transports: newTransports(),
  };
  const readClock = async () => undefined;
  // Each invocation has a source of its own, as its function has.
  const newSource = (): Source & SourceClock => ({ ...httpSource(shared), readClock });
  const world = { ...worldOf(feedOfSlices(server.origin), newSource()), clock };
  const running = executeToEnd({ ...world, as: () => ({ source: newSource() }) }, schedule());
  const results = await whileTimePasses(running, clock);
  expect(server.seen.refused).toBeGreaterThan(SLICES);
  for (const { outcome } of results) expect(outcome).toMatch(/^(Continue|Done)$/);
  expect(results.at(-1)?.outcome).toBe('Done');
  expect(server.seen.served).toBe(SLICES * PAGES);
  expect(sealedIds(world).toSorted((a, b) => a - b)).toEqual(numbers(SLICES * PAGES * ROWS));
});
