import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import { ServiceUnavailable, SourceRefused, SourceUnavailable } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import {
  execute,
  executeToEnd,
  itemsFeed,
  keysUnder,
  numbers,
  schedule,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

const PAGES = 7;
const ROWS = 2;

/** A server of seven pages whose page 3 misbehaves until it is mended. */
const faultyWorld = async (
  misbehave: (response: ServerResponse, xml: string, request: IncomingMessage, origin: string) => void,
) => {
  const state = { isMended: false };
  const server = await loopbackSource((request, response) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    const page = Number(url.searchParams.get('pos') ?? '0') + 1;
    const next = new URL(url);
    next.searchParams.set('pos', String(page));
    const first = (page - 1) * ROWS + 1;
    const xml = pageXml(first, first + ROWS - 1, page < PAGES ? next.href : undefined);
    if (page === 3 && !state.isMended) misbehave(response, xml, request, url.origin);
    else response.writeHead(200, { 'content-type': 'application/xml' }).end(xml);
  });
  const feed = itemsFeed('', server.origin);
  const source = httpSource({
    sessions: newHttpSessions(manualClock(Date.now())),
    transports: newTransports(),
    secrets: fixedSecrets(),
    clock: manualClock(Date.now()),
    redactor: newRedactor(),
    random: () => 0,
  });
  // The server's Date header is today's; the window ends where the schedule says.
  const world = worldOf(feed, { ...source, readClock: async () => undefined });
  const mend = () => {
    state.isMended = true;
  };
  return { world, server, mend };
};

const ok = (response: ServerResponse, body: string | Buffer, headers = {}) =>
  response.writeHead(200, { 'content-type': 'application/xml', ...headers }).end(body);

describe('page 3 of 7', () => {
  it.each<[string, Parameters<typeof faultyWorld>[0], string, RegExp]>([
    [
      'whose body is truncated but ends well',
      (response, xml) => ok(response, xml.slice(0, -30)),
      'SourceTruncated',
      /workitem\?from=.*pos=2 page 3.*line 3/,
    ],
    [
      'whose connection is cut in the middle of a record',
      (response, xml) => {
        response.writeHead(200, { 'content-length': xml.length });
        response.write(xml.slice(0, 150), () => response.destroy());
      },
      'SourceTruncated',
      /pos=2 page 3 broke off after 150 bytes/,
    ],
    [
      'with a bare &',
      (response, xml) => ok(response, xml.replace('c6', 'a & b')),
      'XmlMalformed',
      /pos=2 page 3.*bare &.*line 3/,
    ],
    [
      'that is malformed',
      (response, xml) => ok(response, xml.replace('</content>', '</conten>')),
      'XmlMalformed',
      /pos=2 page 3.*line 2/,
    ],
    [
      'that is a login page with status 200',
      (response) => ok(response, '<html><body>Log in</body></html>', { 'content-type': 'text/html' }),
      'SourceRefused',
      /pos=2 page 3 answered with content-type text\/html .*login page/,
    ],
    [
      'that is a login page and says it is XML',
      (response) => ok(response, '<!DOCTYPE html><html><body>Log in<br></body></html>'),
      'SourceRefused',
      /pos=2 page 3.*HTML page/,
    ],
    [
      'that is not found',
      (response) => response.writeHead(404).end(),
      'SourceRefused',
      /pos=2 page 3 answered 404/,
    ],
    [
      'with a next link to another host',
      (response, xml) => ok(response, xml.replace(/href="http:\/\/[^/]+/, 'href="http://evil.example')),
      'UntrustedHost',
      /pos=2.* leads to http:\/\/evil\.example\/workitem/,
    ],
    [
      'whose next link leads back',
      (response, xml) => ok(response, xml.replace(/pos=3"/, 'pos=1"')),
      'PagingLoop',
      /pos=2 page 3 leads back to .*pos=1, which was read already/,
    ],
    [
      'with another root',
      (response, xml) =>
        ok(response, xml.replaceAll('workitem ', 'error ').replace('</workitem>', '</error>')),
      'DocumentMismatch',
      /pos=2 page 3.*root is <error>, expected <workitem>/,
    ],
    [
      'where the source refuses the request in a 500',
      (response) => response.writeHead(500).end('<e>CRRED0106E: Invalid date value: x</e>'),
      'SourceRefused',
      /page 3 answered 500: CRRED0106E: Invalid date value: x/,
    ],
  ])(
    '%s fails the run with where and why, seals nothing and leaves nothing open; the next run succeeds',
    async (_, misbehave, name, message) => {
      const { world, mend } = await faultyWorld(misbehave);
      const failed = await execute(world, schedule());
      expect(failed.outcome).toBe(name);
      expect(String(failed.error)).toMatch(message);
      expect(sealedBatches(world)).toEqual([]);
      expect(keysUnder(world, 'pending/')).toEqual([]);
      expect(keysUnder(world, 'leases/')).toEqual([]);
      expect(keysUnder(world, 'parked/')).toEqual([]);
      expect(world.streams.uploading.size).toBe(0);

      mend();
      expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
      expect(sealedIds(world)).toEqual(numbers(PAGES * ROWS));
    },
  );

  it('that is refused before its first record leaves the pages before it as a step', async () => {
    const { world, server, mend } = await faultyWorld((response) => response.writeHead(503).end());
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'SourceUnavailable' });
    expect(keysUnder(world, 'slices/')).toHaveLength(1);
    mend();
    await execute(world, schedule());
    const pages = server.requests.map((request) => Number(/pos=(\d+)/.exec(request)?.[1] ?? 0) + 1);
    expect(pages).toEqual([1, 2, 3, 3, 4, 5, 6, 7]);
    expect(sealedIds(world)).toEqual(numbers(PAGES * ROWS));
  });
});

describe('a continuation that the source forgot', () => {
  const forgetting = (refusals: number) => {
    let thirds = 0;
    return pagedSource({
      pages: 4,
      rowsPerPage: 2,
      onOpen: (page) => {
        if (page !== 3) return undefined;
        thirds += 1;
        if (thirds === 1) throw new SourceUnavailable('page 3 answered 503');
        if (thirds <= 1 + refusals) throw new SourceRefused('result set expired', { isRequestAtFault: true });
        return undefined;
      },
    });
  };

  it('begins the slice anew, and only the new restart counts', async () => {
    const world = worldOf(itemsFeed(), forgetting(1));
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'SourceUnavailable' });
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(world.source.opened).toEqual([1, 2, 3, 3, 1, 2, 3, 4]);
    expect(keysUnder(world, 'slices/').map((key) => key.split('/').at(-1))).toEqual([
      '00000-00000-00000.json',
      '00000-00001-00000.json',
    ]);
    expect(sealedIds(world)).toEqual(numbers(8));
  });

  it('may be forgotten again and again: each run begins once more, and none seals half of it', async () => {
    const world = worldOf(itemsFeed(), forgetting(5));
    const outcomes = [];
    for (let run = 0; run < 4; run++) outcomes.push((await execute(world, schedule())).outcome);
    expect(outcomes).toEqual(['SourceUnavailable', 'SourceRefused', 'SourceRefused', 'Done']);
    expect(sealedIds(world)).toEqual(numbers(8));
  });
});

describe('an upload that fails', () => {
  it('fails the slice with its own error; every other upload is given up', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 3, rowsPerPage: 2 }));
    const failure = new ServiceUnavailable('upload failed with 503 SlowDown');
    const upload: typeof world.streams.upload = async (key, body, signal) => {
      if (!key.includes('comments')) return world.streams.upload(key, body, signal);
      for await (const _ of body) break;
      throw failure;
    };
    const failed = await execute({ ...world, streams: { ...world.streams, upload } }, schedule());
    expect(failed.error).toBe(failure);
    expect(world.streams.uploading.size).toBe(0);
    expect(world.streams.objects.size).toBe(0);
    expect(keysUnder(world, 'slices/')).toEqual([]);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(sealedIds(world)).toEqual(numbers(6));
  });
});

describe('a signal that fires', () => {
  it.each(numbers(3))('at page %i gives up every upload and keeps its reason', async (page) => {
    const controller = new AbortController();
    const reason = new Error('the function has no time left');
    const source = pagedSource({
      pages: 3,
      rowsPerPage: 2,
      onOpen: (opened) => {
        if (opened !== page || controller.signal.aborted) return undefined;
        controller.abort(reason);
        throw reason;
      },
    });
    const world = worldOf(itemsFeed(), source);
    const failed = await execute(world, schedule(), { signal: controller.signal });
    expect(failed.error).toBe(reason);
    expect(world.streams.uploading.size).toBe(0);
    expect(sealedBatches(world)).toEqual([]);
    await executeToEnd(world, schedule());
    expect(sealedIds(world)).toEqual(numbers(6));
  });
});
