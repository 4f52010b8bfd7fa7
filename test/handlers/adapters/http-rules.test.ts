import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import type { SourceRequest } from '../../../handlers/ports/source.ts';
import { SourceBusy, SourceRefused, SourceUnavailable } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import type { ResponseRule } from '../../../shared/source/responses/registry.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const rule = (becomes: ResponseRule['then'], keys: Pick<ResponseRule, 'status' | 'path'>): ResponseRule =>
  Object.fromEntries([['then', becomes], ...Object.entries(keys)]) as ResponseRule;

const FAULT = '/*:Envelope/*:Body/*:Fault/faultstring';
const fault = (text: string) =>
  `<Envelope><Body><Fault><faultstring>${text}</faultstring></Fault></Body></Envelope>`;

const answer =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'text/xml', ...headers }).end(body);

/** Answers in turn, the last one for ever; `/token` gives tokens t1, t2, … */
const open = async (
  responses: readonly ResponseRule[],
  answers: readonly Answer[],
  change: (origin: string) => Partial<SourceRequest> = () => ({}),
) => {
  const seen: (string | undefined)[] = [];
  let tokens = 0;
  const server = await loopbackSource((request, response) => {
    if (request.url === '/token') {
      const body = JSON.stringify({ access_token: `t${++tokens}` });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      return;
    }
    seen.push(request.headers.authorization);
    answers[Math.min(seen.length, answers.length) - 1]?.(request, response);
  });
  const clock = hastyClock();
  const redactor = newRedactor();
  const secrets = fixedSecrets(
    { b: { username: 'u', password: 'p' }, s: { clientId: 'me', clientSecret: 'hush-hush' } },
    redactor,
  );
  const parts = { sessions: newHttpSessions(clock), transports: newTransports(), random: () => 0 };
  const source = httpSource({ secrets, clock, redactor, ...parts });
  const request: SourceRequest = {
    url: `${server.origin}/x`,
    page: 2,
    headers: [],
    auth: { kind: 'none' },
    trustedHosts: [server.host],
    idleTimeoutMs: 5_000,
    network: 'public',
    rules: { responses, namespaces: {} },
    ...change(server.origin),
  };
  const signal = new AbortController().signal;
  const response = source.open(request, { signal, deadlineMs: clock.now() + 60_000 });
  response.catch(() => {});
  await response.catch(() => undefined);
  return { response, seen, clock, server, source, request, signal };
};

const read = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const oauth2 = (origin: string) => ({
  auth: { kind: 'oauth2' as const, secret: 's', tokenUrl: `${origin}/token` },
});

describe('rules by status', () => {
  it('take an answer for a page without a record', async () => {
    for (const status of [404, 204, 302]) {
      const headers = status === 302 ? { location: '/login' } : {};
      const { response, seen } = await open([rule('empty', { status })], [answer(status, '', headers)]);
      const { isEmpty, body } = await response;
      expect([isEmpty, await read(body), seen.length]).toEqual([true, '', 1]);
    }
  });

  it('fail with what the page says, without secrets, before the source is asked again', async () => {
    const { response, seen, server } = await open(
      [rule('fail', { status: '5xx' })],
      [answer(503, '<p>closed, hush-hush</p>', { 'retry-after': '1' })],
      oauth2,
    );
    await expect(response).rejects.toThrow(SourceRefused);
    await expect(response).rejects.toThrow(
      `${server.origin}/x page 2 answered 503 with "closed, ***", by source.http.responses[0] (status 5xx, then fail): a failure`,
    );
    expect(seen).toHaveLength(1);
  });

  it('wait as long as the answer says, and then ask again', async () => {
    const { response, clock } = await open(
      [rule('retry', { status: 404 })],
      [answer(404, '', { 'retry-after': '7' }), answer(200, '<r/>')],
    );
    expect([await read((await response).body), clock.slept]).toEqual(['<r/>', [7_000]]);
  });

  it('are tried again by the state machine where the answer says no time', async () => {
    const { response } = await open([rule('retry', { status: 404 })], [answer(404)]);
    await expect(response).rejects.toThrow(SourceUnavailable);
  });

  it('leave a 429 the throttle that it is', async () => {
    const { response } = await open([rule('retry', { status: 429 })], [answer(429)]);
    await expect(response).rejects.toThrow(SourceBusy);
  });

  it('log in once, and ask again', async () => {
    const responses = [rule('login', { status: 403 })];
    const renewed = await open(responses, [answer(403), answer(200, '<r/>')], oauth2);
    expect(await read((await renewed.response).body)).toBe('<r/>');
    expect(renewed.seen).toEqual(['Bearer t1', 'Bearer t2']);
    const refused = await open(responses, [answer(403, 'no')], oauth2);
    await expect(refused.response).rejects.toThrow(
      /answered 403 with "no", by .*then login\): so it did before a new login$/,
    );
    expect(refused.seen).toHaveLength(2);
  });

  it('drop the cookies of a session that is over, with whichever kind of auth', async () => {
    const cookies: (string | undefined)[] = [];
    const answerOnce: Answer = (request, response) => {
      cookies.push(request.headers.cookie);
      const isStale = cookies.length === 2;
      response.writeHead(isStale ? 440 : 200, { 'set-cookie': `s=${cookies.length}` }).end('<r/>');
    };
    const { source, request, signal } = await open([rule('login', { status: 440 })], [answerOnce], () => ({
      auth: { kind: 'basic', secret: 'b' },
    }));
    const limits = { signal, deadlineMs: Number.MAX_SAFE_INTEGER };
    expect((await source.open(request, limits)).isEmpty).toBe(false);
    expect(cookies).toEqual([undefined, 's=1', undefined]);
  });

  it('stand before a login that the kind of auth would make', async () => {
    const { response, seen } = await open([rule('fail', { status: 401 })], [answer(401)], oauth2);
    await expect(response).rejects.toThrow(SourceRefused);
    expect(seen).toHaveLength(1);
  });

  it('leave all else as it is without them', async () => {
    const { response } = await open([rule('empty', { status: 404 })], [answer(410, '<b>gone</b>')]);
    await expect(response).rejects.toThrow(/page 2 answered 410: gone$/);
  });
});

describe('rules by path', () => {
  it('look into an answer that is no page, and quote what they find', async () => {
    const responses = [rule('empty', { path: '/none' }), rule('fail', { status: 500, path: FAULT })];
    const { response } = await open(responses, [answer(500, fault('no\n  such &amp; user'))]);
    await expect(response).rejects.toThrow(
      `page 2 answered 500 with "no such & user", by source.http.responses[1] (status 500, path ${FAULT}, then fail)`,
    );
  });

  it('that find nothing leave the answer to be told of as ever', async () => {
    const { response } = await open([rule('empty', { path: FAULT })], [answer(400, '<b>which field?</b>')]);
    await expect(response).rejects.toThrow(/page 2 answered 400: which field\?$/);
  });

  it('leave the document of a page to whoever parses it', async () => {
    const { response } = await open([rule('fail', { path: FAULT })], [answer(200, fault('x'))]);
    const { isEmpty, body } = await response;
    expect([isEmpty, await read(body)]).toEqual([false, fault('x')]);
  });

  it('look into an HTML page that came in place of data', async () => {
    const { response, seen } = await open(
      [rule('login', { path: '/html/body' })],
      [answer(200, '<html><body>who?</body></html>', { 'content-type': 'text/html' }), answer(200, '<r/>')],
      oauth2,
    );
    expect(await read((await response).body)).toBe('<r/>');
    expect(seen).toEqual(['Bearer t1', 'Bearer t2']);
  });
});

it('logs in before a page whose document said that the session is over', async () => {
  const responses = [rule('login', { path: FAULT })];
  const { response, seen } = await open(responses, [answer(200, '<r/>')], (origin) => ({
    ...oauth2(origin),
    isLapsed: true,
  }));
  expect(await read((await response).body)).toBe('<r/>');
  expect(seen).toEqual(['Bearer t2']);
});
