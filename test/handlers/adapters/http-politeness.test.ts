import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import type { SourceRequest } from '../../../handlers/ports/source.ts';
import { SourceBusy, SourceUnavailable } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';

const TIME_MS = 60_000;

/** A source against a server, with a minute until the deadline; `at` is when each request came, in ms from the start. */
const start = async (
  answer: (response: ServerResponse, n: number, url: string) => void,
  { pace, random = () => 0 }: { readonly pace?: SourceRequest['pace']; readonly random?: () => number } = {},
) => {
  const clock = hastyClock();
  const startMs = clock.now();
  const at: number[] = [];
  const server = await loopbackSource((request, response, n) => {
    at.push(clock.now() - startMs);
    answer(response, n, request.url ?? '');
  });
  const redactor = newRedactor();
  const secrets = fixedSecrets({}, redactor);
  const source = httpSource({
    clock,
    secrets,
    redactor,
    random,
    sessions: newHttpSessions(clock),
    transports: newTransports(),
  });
  const open = async (path: string) => {
    const request = {
      url: `${server.origin}${path}`,
      page: 1,
      headers: [],
      auth: { kind: 'none' as const },
      trustedHosts: [server.host],
      idleTimeoutMs: 5_000,
      network: 'public' as const,
      pace,
    };
    const limits = { signal: new AbortController().signal, deadlineMs: startMs + TIME_MS };
    const { body } = await source.open(request, limits);
    for await (const _ of body);
  };
  return { open, at, clock, elapsed: () => clock.now() - startMs };
};

const ok = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/xml' }).end('<a/>');

describe('a source with a pace', () => {
  it('is asked a turn after the turn before, from the start on', async () => {
    const { open, at } = await start(ok, { pace: { firstMs: 500, everyMs: 2_000 } });
    for (const path of ['/1', '/2', '/3']) await open(path);
    expect(at).toEqual([500, 2_500, 4_500]);
  });

  it('counts redirects', async () => {
    const answer = (response: ServerResponse, _: number, url: string) =>
      url === '/1' ? response.writeHead(302, { location: '/2' }).end() : ok(response);
    const { open, at } = await start(answer, { pace: { firstMs: 0, everyMs: 2_000 } });
    await open('/1');
    expect(at).toEqual([0, 2_000]);
  });

  it('does not save turns up', async () => {
    const { open, at, clock } = await start(ok, { pace: { firstMs: 0, everyMs: 1_000 } });
    await open('/1');
    clock.advance(10_000);
    await open('/2');
    await open('/3');
    expect(at).toEqual([0, 10_000, 11_000]);
  });

  it('is left for the next execution when the turn is after the deadline, once that is there', async () => {
    const { open, at, elapsed } = await start(ok, { pace: { firstMs: 50_000, everyMs: 20_000 } });
    await open('/1');
    await expect(open('/2')).rejects.toThrow(SourceUnavailable);
    expect(at).toEqual([50_000]);
    expect(elapsed()).toBe(TIME_MS);
  });
});

describe('a source that says that it is asked too often', () => {
  const throttled =
    (times: number, headers = {}) =>
    (response: ServerResponse, n: number) =>
      n > times ? ok(response) : response.writeHead(429, headers).end('slow down');

  it('is asked again after random times that grow, as often as it takes', async () => {
    const { open, clock } = await start(throttled(6), { random: () => 0.5 });
    await open('/1');
    expect(clock.slept).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('is asked again no earlier than it says, and not by all at once', async () => {
    const { open, clock } = await start(throttled(1, { 'retry-after': '10' }), { random: () => 0.5 });
    await open('/1');
    expect(clock.slept).toEqual([11_000]);
  });

  it('is given up at the deadline, where it wants longer', async () => {
    const { open, elapsed } = await start(throttled(9, { 'retry-after': '300' }));
    const asked = open('/1');
    await expect(asked).rejects.toThrow(SourceBusy);
    await expect(asked).rejects.toThrow(/answered 429, to be retried after 300 s: slow down/);
    expect(elapsed()).toBe(TIME_MS);
  });

  it('is told of at once where it wants a day', async () => {
    const { open, elapsed } = await start(throttled(1, { 'retry-after': '86400' }));
    await expect(open('/1')).rejects.toThrow(/to be retried after 86400 s/);
    expect(elapsed()).toBe(0);
  });
});
