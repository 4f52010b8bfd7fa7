import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import { readWhole } from '../../../handlers/extract/read-whole.ts';
import type { SourceRequest } from '../../../handlers/ports/source.ts';
import { SourceTruncated } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';

const DOCUMENT = Buffer.from(
  `<r>${Array.from({ length: 400 }, (_, n) => `<item>${n} ä</item>`).join('')}</r>`,
);
const TAG = '"v1"';

interface Server {
  /** How many bytes each answer has before its connection breaks; the last ones have all. */
  readonly breaks: readonly number[];
  readonly tagOf?: (n: number) => string;
  readonly acceptsRanges?: boolean;
  readonly contentRange?: string;
}

/** A server of one document that breaks its answers off. */
const serve =
  ({ breaks, tagOf = () => TAG, acceptsRanges = true, contentRange }: Server) =>
  (request: IncomingMessage, response: ServerResponse, n: number): void => {
    const [etag, range] = [tagOf(n), /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]];
    const isRest = acceptsRanges && range !== undefined && request.headers['if-range'] === etag;
    const from = isRest ? Number(range) : 0;
    const body = DOCUMENT.subarray(from);
    response.writeHead(isRest ? 206 : 200, {
      'content-type': 'application/xml',
      'content-length': body.length,
      etag,
      ...(acceptsRanges ? { 'accept-ranges': 'bytes' } : {}),
      ...(isRest
        ? {
            'content-range': contentRange ?? `bytes ${from}-${DOCUMENT.length - 1}/${DOCUMENT.length}`,
          }
        : {}),
    });
    const end = breaks[n - 1];
    if (end === undefined) response.end(body);
    else response.write(body.subarray(0, end), () => response.destroy());
  };

const readFrom = async (server: Server) => {
  const { origin, host, requests } = await loopbackSource(serve(server));
  const clock = hastyClock();
  const redactor = newRedactor();
  const source = httpSource({
    secrets: fixedSecrets({}, redactor),
    clock,
    redactor,
    sessions: newHttpSessions(clock),
    transports: newTransports(),
    random: () => 0,
  });
  const request: SourceRequest = {
    url: `${origin}/dump.xml`,
    page: 1,
    headers: [],
    auth: { kind: 'none' },
    trustedHosts: [host],
    idleTimeoutMs: 5_000,
    network: 'public',
  };
  const limits = { signal: new AbortController().signal, deadlineMs: clock.now() + 60_000 };
  const read = async (): Promise<Buffer> => {
    const first = await source.open(request, limits);
    const chunks = [];
    for await (const chunk of readWhole(first, (rest) => source.open({ ...request, rest }, limits)))
      chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const outcome = await read().catch((error: unknown) => error);
  return { outcome, requests: requests.length };
};

describe('a body that breaks off', () => {
  it('is read on from where it broke, wherever that was', async () => {
    const breaks = fc.array(fc.integer({ min: 1, max: 2000 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(breaks, async (at) => {
        const { outcome } = await readFrom({ breaks: at });
        expect(outcome).toEqual(DOCUMENT);
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, Partial<Server>, number]>([
    ['is another document by then', { tagOf: (n) => `"v${n}"` }, 2],
    ['has a weak tag', { tagOf: () => 'W/"v1"' }, 1],
    ['comes from a server without ranges', { acceptsRanges: false }, 1],
    ['goes on at another byte', { contentRange: `bytes 0-${DOCUMENT.length - 1}/${DOCUMENT.length}` }, 2],
    ['ends before the end', { contentRange: `bytes 100-200/${DOCUMENT.length}` }, 2],
    ['is of no known size', { contentRange: `bytes 100-${DOCUMENT.length - 1}/*` }, 2],
  ])('fails as one that was cut where it %s', async (_, server, requests) => {
    const seen = await readFrom({ breaks: [100], ...server });
    expect(seen.outcome).toBeInstanceOf(SourceTruncated);
    expect(seen.requests).toBe(requests);
  });

  it('fails where the rest has not a byte either', async () => {
    const seen = await readFrom({ breaks: [100, 0] });
    expect(seen.outcome).toBeInstanceOf(SourceTruncated);
    expect(seen.requests).toBe(2);
  });
});
