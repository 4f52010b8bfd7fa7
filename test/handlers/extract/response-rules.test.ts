import { describe, expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';
import { execute, executeToEnd, feedOf, NOW, schedule, sealedBatches, sealedIds, worldOf } from './world.ts';

interface Answer {
  readonly status?: number;
  readonly body: string;
}

const FAULT = '/*:Envelope/*:Body/*:Fault/faultstring';
const page = (n: number, next = `<next>${n + 1}</next>`) =>
  `<Envelope>${next}<Body><items><item><id>${n}</id></item></items></Body></Envelope>`;
const fault = (text: string) =>
  `<Envelope><Body><Fault><faultstring>${text}</faultstring></Fault></Body></Envelope>`;

/** A feed with these rules over a server that answers page n by `answer`; what was asked for, by page and authorization. */
const worldWith = async (
  responses: string,
  answer: (page: number, n: number) => Answer,
  more: { readonly keys?: string; readonly end?: string } = {},
) => {
  const asked: string[] = [];
  let tokens = 0;
  const server = await loopbackSource((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    if (url.pathname === '/token') {
      response.writeHead(200).end(JSON.stringify({ access_token: `t${++tokens}` }));
      return;
    }
    const number = Number(url.searchParams.get('t') ?? 1);
    asked.push([number, request.headers.authorization].filter((one) => one !== undefined).join(' '));
    const { status = 200, body } = answer(number, asked.length);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  const feed = feedOf(
    'items',
    `source:
  http:
    url: ${server.origin}/x
    auth: { kind: oauth2, secret: s, tokenUrl: "${server.origin}/token" }
    next: { token: /Envelope/next, param: t }
    responses: ${responses}
${more.keys ?? ''}
schedule: rate(15 minutes)
tables:
  a.items: { rows: /Envelope/Body/items/item, disposition: append, columns: { id: bigint } }
${more.end ?? ''}`,
  );
  const clock = hastyClock(Date.parse(NOW));
  const redactor = newRedactor();
  const secrets = fixedSecrets({ s: { clientId: 'me', clientSecret: 'hush-hush' } }, redactor);
  const parts = { sessions: newHttpSessions(clock), transports: newTransports(), random: () => 0 };
  const source = httpSource({ secrets, clock, redactor, ...parts });
  const readClock = () => Promise.resolve(undefined);
  return { world: { ...worldOf(feed, { ...source, readClock }), redactor }, asked };
};

const sealed = (world: Awaited<ReturnType<typeof worldWith>>['world']) => sealedIds(world, 'a.items');

describe('a rule of responses', () => {
  it('ends the paging at an answer that it takes for an empty page', async () => {
    for (const last of [{ status: 404, body: '' }, { body: fault('no more') }]) {
      const rules = `[{ status: 404, then: empty }, { path: "${FAULT}", then: empty }]`;
      const { world, asked } = await worldWith(rules, (n) => (n < 3 ? { body: page(n) } : last));
      expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
      expect([sealed(world), asked.length]).toEqual([[1, 2], 3]);
    }
  });

  it('leaves it to onEmpty whether a batch without any record fails', async () => {
    const none = () => ({ status: 404, body: 'none' });
    const accepted = await worldWith('[{ status: 404, then: empty }]', none);
    expect(await execute(accepted.world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(sealedBatches(accepted.world)).toMatchObject([{ records: 0 }]);
    const refused = await worldWith('[{ status: 404, then: empty }]', none, { end: 'onEmpty: fail' });
    expect(await execute(refused.world, schedule())).toMatchObject({ outcome: 'EmptyBatch' });
  });

  it('is an error where the pages before said that more follow', async () => {
    const keys = '    total: { path: /Envelope/@n, of: all }';
    for (const [n, outcome] of [
      [2, 'Done'],
      [3, 'DocumentMismatch'],
    ] as const) {
      const { world } = await worldWith(
        '[{ status: 404, then: empty }]',
        (at) =>
          at < 3 ? { body: page(at).replace('<Envelope', `<Envelope n="${n}"`) } : { status: 404, body: '' },
        { keys },
      );
      const result = await execute(world, schedule());
      expect(result.outcome).toBe(outcome);
      if (outcome !== 'Done')
        expect(String(result.error)).toMatch(
          /page 3 is the end by source.http.responses after 2 records, allowed 3, the total that the page before says$/,
        );
    }
  });

  it('fails the batch by what the document of a page says, without secrets', async () => {
    const { world, asked } = await worldWith(`[{ path: "${FAULT}", then: fail }]`, (n) => ({
      body: n < 2 ? page(n) : fault('bad\nkey hush-hush'),
    }));
    const { outcome, error } = await execute(world, schedule());
    expect(outcome).toBe('SourceRefused');
    expect(String(error)).toMatch(
      /\?t=2 page 2 answered 200 with "bad key \*\*\*", by source.http.responses\[0\] \(path .*faultstring, then fail\): a failure$/,
    );
    expect([asked, sealedBatches(world)]).toEqual([['1 Bearer t1', '2 Bearer t1'], []]);
  });

  it('tries a page again, from the pages that are whole', async () => {
    const { world, asked } = await worldWith(`[{ path: "${FAULT}", then: retry }]`, (n, times) => ({
      body: n === 2 && times < 3 ? fault('busy') : page(n, n < 3 ? undefined : ''),
    }));
    expect((await execute(world, schedule())).outcome).toBe('SourceUnavailable');
    expect((await executeToEnd(world, schedule())).at(-1)?.outcome).toBe('Done');
    expect(sealed(world)).toEqual([1, 2, 3]);
    expect(asked.map((one) => one[0])).toEqual(['1', '2', '2', '3']);
  });

  it('logs in and asks for the page once more', async () => {
    const { world, asked } = await worldWith(`[{ path: "${FAULT}", then: login }]`, (n, times) => ({
      body: times === 2 ? fault('session over') : page(n, n < 3 ? undefined : ''),
    }));
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(sealed(world)).toEqual([1, 2, 3]);
    expect(asked).toEqual(['1 Bearer t1', '2 Bearer t1', '2 Bearer t2', '3 Bearer t2']);
  });

  it('fails by name where a login does not help', async () => {
    const { world, asked } = await worldWith(`[{ path: "${FAULT}", then: login }]`, () => ({
      body: fault('who?'),
    }));
    const { outcome, error } = await execute(world, schedule());
    expect([outcome, asked]).toEqual(['SourceRefused', ['1 Bearer t1', '1 Bearer t2']]);
    expect(String(error)).toMatch(/with "who\?", by .*so it did before a new login$/);
  });
});

it('holds for a listing of partitions too', async () => {
  const { world } = await worldWith(
    `[{ path: /list/none, then: empty }, { status: 410, then: fail }]`,
    () => ({
      status: 410,
      body: '<gone/>',
    }),
  );
  const listing = feedOf(
    'items',
    `source:
  http: { url: "http://127.0.0.1:1/x", responses: [{ path: /none, then: empty }] }
partitions: { http: { url: "http://127.0.0.1:1/list" }, rows: /list/p, values: { name: "@n" } }
schedule: rate(15 minutes)
tables:
  a.items: { rows: /r/item, disposition: append, columns: { id: bigint } }
`,
  );
  const source = {
    ...world.source,
    open: async () => ({
      url: 'http://127.0.0.1:1/list',
      header: () => undefined,
      charset: undefined,
      body: (async function* () {
        yield Buffer.from('<none/>');
      })(),
    }),
  };
  const result = await execute({ ...world, feed: listing, source }, schedule());
  expect(String(result.error)).toMatch(/listing .* has no \/list\/p, allowed at least one/);
});
