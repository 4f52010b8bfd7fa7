import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { httpClock } from '../../../handlers/adapters/http-clock.ts';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import type { SourceRequest } from '../../../handlers/ports/source.ts';
import {
  OutOfTime,
  SecretMissing,
  SourceRefused,
  SourceTruncated,
  SourceUnavailable,
  UntrustedHost,
  XmlLimitExceeded,
} from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, n: number) => void;

const XML = '<workitem Version="1.0.0"><workItem><id>1</id></workItem></workitem>';
const xml: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/xml; charset=ISO-8859-1' }).end(XML);
};
const status = (code: number, headers: Record<string, string> = {}, body = ''): Answer => {
  return (_, response) => void response.writeHead(code, headers).end(body);
};

const SECRETS = {
  jazz: { username: 'zoë', password: 'p:w' },
  token: { token: 't0ken' },
  long: { token: 'token-0-secret' },
  empty: {},
};

const open = async (
  answer: Answer,
  change: Partial<SourceRequest> = {},
  signal = new AbortController().signal,
) => {
  const server = await loopbackSource(answer);
  const clock = hastyClock();
  const redactor = newRedactor();
  const sessions = newHttpSessions(clock);
  const transports = newTransports();
  const source = httpSource({
    secrets: fixedSecrets(SECRETS, redactor),
    clock,
    redactor,
    sessions,
    transports,
    random: () => 0,
  });
  const request: SourceRequest = {
    url: `${server.origin}/ccm/workitem?size=2`,
    page: 3,
    headers: [],
    auth: { kind: 'none' },
    trustedHosts: [server.host],
    idleTimeoutMs: 5_000,
    network: 'public',
    ...change,
  };
  const response = source.open(request, { signal, deadlineMs: clock.now() + 60_000 });
  response.catch(() => {}); // awaited by the test, after the server's requests were looked at
  return { server, clock, source, response };
};

const text = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('an http source that answers', () => {
  it('gives the body, its URL and the charset of its header', async () => {
    const { response, server } = await open(xml);
    const { url, charset, body } = await response;
    expect({ url, charset, text: await text(body) }).toEqual({
      url: `${server.origin}/ccm/workitem?size=2`,
      charset: 'ISO-8859-1',
      text: XML,
    });
  });

  it('takes gzip off, whose content-length is not the length of the XML', async () => {
    const zipped = gzipSync(XML);
    const { response } = await open((_, res) =>
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length }).end(zipped),
    );
    expect(await text((await response).body)).toBe(XML);
  });

  it.each([
    ['gzip', gzipSync(XML)],
    ['deflate', deflateSync(XML)],
    ['br', brotliCompressSync(XML)],
  ])(
    'takes a body in %s that lacks its end for a truncated one, wherever it ends',
    async (coding, packed) => {
      for (let end = 1; end <= packed.length; end += 1) {
        const { response } = await open((_, res) =>
          res
            .writeHead(200, { 'content-encoding': coding, 'content-length': end })
            .end(packed.subarray(0, end)),
        );
        const read = text((await response).body);
        if (end === packed.length) expect(await read).toBe(XML);
        else await expect(read, `cut at ${end}`).rejects.toThrow(SourceTruncated);
      }
    },
  );

  it.each([
    ['gzip', gzipSync(Buffer.alloc(66 * 2 ** 20, XML))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(66 * 2 ** 20, XML)))],
    [
      'br',
      brotliCompressSync(Buffer.alloc(66 * 2 ** 20, XML), {
        params: { [constants.BROTLI_PARAM_QUALITY]: 4 },
      }),
    ],
  ])('refuses a body in %s that becomes more than its size allows', async (coding, packed) => {
    const { response } = await open((_, res) =>
      res.writeHead(200, { 'content-encoding': coding }).end(packed),
    );
    const read = text((await response).body);
    await expect(read).rejects.toThrow(XmlLimitExceeded);
    await expect(read).rejects.toThrow(/compressed bytes became \d+, over compressionRatio, 200 times/);
  });

  it('sends its headers, and asks for XML unless told otherwise', async () => {
    let seen: IncomingMessage['headers'] = {};
    const answer: Answer = (request, response, n) => {
      seen = request.headers;
      xml(request, response, n);
    };
    await (await open(answer, { headers: [['X-Tenant', 'acme']] })).response;
    expect(seen).toMatchObject({ 'x-tenant': 'acme', accept: 'application/xml, text/xml;q=0.9' });
    await (await open(answer, { headers: [['Accept', 'text/xml']] })).response;
    expect(seen.accept).toBe('text/xml');
  });

  it('asks for no URL with a user in it, and shows none', async () => {
    const { response } = await open(xml, { url: 'http://me:hunter2@127.0.0.1:9/x' });
    const why = await response.catch((error: unknown) => error);
    expect(why).toBeInstanceOf(UntrustedHost);
    expect(String(why)).toContain('http://127.0.0.1:9/x has a user in the URL, which is not shown');
    expect(String(why)).not.toContain('hunter2');
  });

  it.each([
    [{ kind: 'basic', secret: 'jazz' }, `Basic ${Buffer.from('zoë:p:w').toString('base64')}`],
    [{ kind: 'bearer', secret: 'token' }, 'Bearer t0ken'],
    [{ kind: 'none' }, undefined],
  ] as const)('authenticates by %j', async (auth, expected) => {
    let seen: string | undefined;
    const { response } = await open(
      (request, res, n) => {
        seen = request.headers.authorization;
        xml(request, res, n);
      },
      { auth },
    );
    await response;
    expect(seen).toBe(expected);
  });

  it('names the secret and its field that are missing, before any request', async () => {
    const noField = await open(xml, { auth: { kind: 'basic', secret: 'empty' } });
    await expect(noField.response).rejects.toThrow(
      new SecretMissing('secret "empty" has no field username, which auth basic reads'),
    );
    const noSecret = await open(xml, { auth: { kind: 'bearer', secret: 'gone' } });
    await expect(noSecret.response).rejects.toThrow('secret "gone" does not exist');
    expect([...noField.server.requests, ...noSecret.server.requests]).toEqual([]);
  });

  it('tells its own time, whatever the status', async () => {
    const { server } = await open(status(405, { date: 'Mon, 23 Nov 2026 11:59:58 GMT' }));
    const ms = await httpClock({ secrets: fixedSecrets(), transports: newTransports() }).readClock(
      `${server.origin}/`,
      { network: 'public', idleTimeoutMs: 1_000 },
      new AbortController().signal,
    );
    expect(ms).toBe(Date.parse('2026-11-23T11:59:58Z'));
    expect(server.requests).toContain('HEAD /');
  });

  it('tells its own time through a cache, too', async () => {
    const { server } = await open(status(200, { date: 'Mon, 23 Nov 2026 11:50:00 GMT', age: '600' }));
    const ms = await httpClock({ secrets: fixedSecrets(), transports: newTransports() }).readClock(
      `${server.origin}/`,
      { network: 'public', idleTimeoutMs: 1_000 },
      new AbortController().signal,
    );
    expect(ms).toBe(Date.parse('2026-11-23T12:00:00Z'));
  });
});

describe('an http source that redirects', () => {
  it('is followed on its own host', async () => {
    const { response, server } = await open((request, res, n) =>
      n === 1 ? status(302, { location: '/moved?x=1' })(request, res, n) : xml(request, res, n),
    );
    expect((await response).url).toBe(`${server.origin}/moved?x=1`);
  });

  it('is refused on another host, which gets no request', async () => {
    const other = await loopbackSource(xml);
    const { response, server } = await open(status(302, { location: `${other.origin}/x` }));
    await expect(response).rejects.toThrow(UntrustedHost);
    await expect(response).rejects.toThrow(`leads to ${other.origin}/x, allowed ${server.host};`);
    expect(other.requests).toEqual([]);
  });

  it('is given up after five redirects', async () => {
    const { response, server } = await open(status(307, { location: '/again' }));
    await expect(response).rejects.toThrow(SourceRefused);
    expect(server.requests).toHaveLength(6);
  });

  it.each([
    ['a user', 'http://me:hunter2@HOST/x', 'with a user in the URL, which is not shown'],
    ['the secret', '/x?t=%74oken-0-secret', "with the feed's own secret in it, which is not shown"],
  ])('is refused for %s in the link, and not asked again', async (_, location, message) => {
    const auth = { kind: 'bearer', secret: 'long' } as const;
    const { response, server } = await open(
      ({ headers }, res) =>
        void res.writeHead(302, { location: location.replace('HOST', headers.host ?? '') }).end(),
      { auth },
    );
    await expect(response).rejects.toThrow(UntrustedHost);
    await expect(response).rejects.toThrow(message);
    await expect(response).rejects.not.toThrow(/hunter2|oken-0-secret/);
    expect(server.requests).toHaveLength(1);
  });
});

describe('an http source that refuses', () => {
  const html = { 'content-type': 'text/html; charset=utf-8' };
  const jazzAuth = { 'X-com-ibm-team-repository-web-auth-msg': 'authrequired' };

  it.each([
    [404, {}, '', '/ccm/workitem?size=2 page 3 answered 404'],
    [400, html, '<h1>Bad</h1> <p>request</p>', 'answered 400: Bad request'],
    [401, jazzAuth, '', 'answered 401 with a login page'],
    [
      200,
      html,
      '<html>',
      'answered with content-type text/html; charset=utf-8 and status 200: perhaps a login page, not XML (asked without auth)',
    ],
    [200, jazzAuth, XML, 'a login page (x-com-ibm-team-repository-web-auth-msg: authrequired)'],
    [
      500,
      {},
      '<error>CRRED0108E: Illegal fields argument. x is not a valid field name.</error>',
      'answered 500: CRRED0108E: Illegal fields argument. x is not a valid field name.',
    ],
  ])('with %i %j says so, terminally', async (code, headers, body, message) => {
    const { response } = await open(status(code, headers, body));
    await expect(response).rejects.toThrow(SourceRefused);
    await expect(response).rejects.toThrow(message);
  });

  it.each([
    [404, true],
    [400, true],
    [401, false],
    [403, false],
  ])('with %i puts the fault on the request: %s', async (code, isRequestAtFault) => {
    const { response } = await open(status(code));
    await expect(response).rejects.toMatchObject({ isRequestAtFault });
  });
});

describe('an http source that is busy', () => {
  it.each([408, 423, 500, 502, 503])('with %i is transient', async (code) => {
    const { response, server } = await open(status(code, {}, 'busy'));
    await expect(response).rejects.toThrow(SourceUnavailable);
    await expect(response).rejects.toThrow(`page 3 answered ${code}: busy`);
    expect(server.requests).toHaveLength(1);
  });

  it('is asked again after the seconds or at the date that it names', async () => {
    const { response, clock } = await open((request, res, n) => {
      const headers = [undefined, '7', 'Mon, 23 Nov 2026 12:00:17 GMT', '0'][n];
      if (headers === undefined) xml(request, res, n);
      else status(503, { 'retry-after': headers })(request, res, n);
    });
    expect(await text((await response).body)).toBe(XML);
    expect(clock.slept).toEqual([7_000, 10_000, 1_000]);
  });

  it('is not waited for beyond the deadline', async () => {
    const { response, clock } = await open(status(503, { 'retry-after': '120' }));
    await expect(response).rejects.toThrow('answered 503, to be retried after 120 s');
    expect(clock.slept).toEqual([]);
  });

  it('is not waited for without end', async () => {
    const { response, server } = await open(status(503, { 'retry-after': '1' }));
    await expect(response).rejects.toThrow(SourceUnavailable);
    expect(server.requests).toHaveLength(6);
  });

  it('is unavailable when nobody listens', async () => {
    const { response } = await open(xml, { url: 'http://127.0.0.1:1/x' });
    await expect(response).rejects.toThrow(SourceUnavailable);
    await expect(response).rejects.toThrow('no answer from http://127.0.0.1:1/x page 3');
  });

  it('is unavailable when it does not answer within its idle time', async () => {
    const { response } = await open(() => {}, { idleTimeoutMs: 30 });
    await expect(response).rejects.toThrow(SourceUnavailable);
    await expect(response).rejects.toThrow(
      /no answer from http:.* page \d+: source was silent for 0.03 s, .* limits.idleTimeout/,
    );
  });
});

describe("an http source's body", () => {
  const read = async (answer: Answer, change: Partial<SourceRequest> = {}) => {
    const { response } = await open(answer, change);
    return text((await response).body);
  };

  it('is truncated when the connection is cut short of its content-length', async () => {
    const cut = read((_, res) => {
      res.writeHead(200, { 'content-length': 1_000 }).write('<workitem>', () => res.destroy());
    });
    await expect(cut).rejects.toThrow(SourceTruncated);
    await expect(cut).rejects.toThrow(/workitem\?size=2 page 3 broke off after 10 bytes/);
  });

  it('is truncated when a chunked body is cut', async () => {
    const cut = read((_, res) => void res.writeHead(200).write('<workitem>', () => res.destroy()));
    await expect(cut).rejects.toThrow(SourceTruncated);
  });

  it('is truncated when it falls silent', async () => {
    const silent = read((_, res) => void res.writeHead(200).write('<workitem>'), { idleTimeoutMs: 40 });
    await expect(silent).rejects.toThrow(SourceTruncated);
    await expect(silent).rejects.toThrow('was silent for 0.04 s');
  });

  it("fails with the signal's own reason when that fires", async () => {
    const controller = new AbortController();
    const { response } = await open((_, res) => void res.writeHead(200).write('<a>'), {}, controller.signal);
    const { body } = await response;
    const outOfTime = new OutOfTime('time is up');
    const reading = text(body);
    controller.abort(outOfTime);
    await expect(reading).rejects.toBe(outOfTime);
  });

  it('is given up without a trace when its reader stops early', async () => {
    const { response } = await open((_, res) => void res.writeHead(200).write('<a>'));
    for await (const chunk of (await response).body) {
      expect(Buffer.from(chunk).toString()).toBe('<a>');
      break;
    }
  });
});
