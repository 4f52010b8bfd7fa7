import { describe, expect, it } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { readRecordText, toRecordText } from '../../../shared/state/record-text.ts';
import { planRecord, unchangedRecord } from '../../../shared/state/records.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';
import {
  execute,
  executeToEnd,
  feedOf,
  keysUnder,
  NOW,
  schedule,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

const OLD = 'Sun, 22 Nov 2026 12:00:00 GMT';
const xml = (...ids: readonly number[]) =>
  `<r>${ids.map((id) => `<item><id>${id}</id></item>`).join('')}</r>`;

const TABLES =
  'tables:\n  a.items: { rows: /r/item, disposition: merge, key: [id], columns: { id: bigint } }\n';
const feedText = (origin: string, http = '', more = '') =>
  `source: { http: { url: "${origin}/x"${http} } }\nschedule: rate(1 day)\n${more}`;

/** A server of one document with its tag; `state` is what it has, and what it was asked by. */
const open = async (text: (origin: string) => string = (origin) => feedText(origin) + TABLES) => {
  const state = {
    body: xml(1),
    etag: '"1"' as string | undefined,
    modified: undefined as string | undefined,
  };
  const asked: string[] = [];
  const server = await loopbackSource((request, response) => {
    const { 'if-none-match': tag, 'if-modified-since': since } = request.headers;
    asked.push([tag, since].filter((one) => one !== undefined).join(' '));
    const isKnown = tag === undefined ? since !== undefined && since === state.modified : tag === state.etag;
    response.setHeader('date', 'Mon, 23 Nov 2026 12:00:00 GMT');
    if (state.etag !== undefined) response.setHeader('etag', state.etag);
    if (state.modified !== undefined) response.setHeader('last-modified', state.modified);
    if (isKnown) response.writeHead(304).end();
    else response.writeHead(200, { 'content-type': 'text/xml' }).end(state.body);
  });
  const feed = feedOf('items', text(server.origin));
  const clock = hastyClock(Date.parse(NOW));
  const redactor = newRedactor();
  const parts = { sessions: newHttpSessions(clock), transports: newTransports(), random: () => 0 };
  const source = httpSource({ secrets: fixedSecrets(), clock, redactor, ...parts });
  const world = worldOf(feed, { ...source, readClock: () => Promise.resolve(undefined) });
  /** Runs the schedule of a day, 0 for the first. */
  const day = async (n: number, of = world) => {
    const at = Date.parse(NOW) + n * 24 * 60 * 60_000;
    of.clock.advance(at - of.clock.now());
    return execute(of, schedule(new Date(at).toISOString()));
  };
  return { world, server, asked, state, day };
};

const SECOND = toKey({
  kind: 'unchanged',
  feed: 'items',
  date: '2026/11/24',
  batch: 's-20261124T120000000Z',
});

describe('a feed of one document', () => {
  it('is read again only where its server has another one', async () => {
    const { world, asked, state, day } = await open();
    expect(await day(0)).toEqual({ outcome: 'Done' });
    expect(await day(1)).toEqual({ outcome: 'Done' });
    expect([asked, sealedIds(world, 'a.items')]).toEqual([['', '"1"'], [1]]);
    expect(readRecordText(SECOND, world.records.entries.get(SECOND) ?? '', unchangedRecord)).toMatchObject({
      since: 's-20261123T120000000Z',
    });
    expect(keysUnder(world, 'slices/')).toHaveLength(1);
    expect([keysUnder(world, 'leases/'), keysUnder(world, 'parked/')]).toEqual([[], []]);
    Object.assign(state, { etag: '"2"', body: xml(1, 2) });
    expect(await day(2)).toEqual({ outcome: 'Done' });
    expect(await day(3)).toEqual({ outcome: 'Done' });
    expect(asked.slice(2)).toEqual(['"1"', '"2"']);
    expect(sealedIds(world, 'a.items')).toEqual([1, 1, 2]);
  });

  it('is known by its date where it has no tag', async () => {
    const { asked, state, day, world } = await open();
    Object.assign(state, { etag: undefined, modified: OLD });
    await day(0);
    await day(1);
    expect(asked).toEqual(['', OLD]);
    expect(sealedBatches(world)).toHaveLength(1);
  });

  it('says of the same schedule again since when it is unchanged, without asking', async () => {
    const { asked, day } = await open();
    await day(0);
    await day(1);
    expect(await day(1)).toEqual({
      outcome: 'Idle: s-20261124T120000000Z is unchanged since s-20261123T120000000Z',
    });
    expect(asked).toHaveLength(2);
  });

  it('is not empty when it is unchanged, though an empty batch fails', async () => {
    const { day } = await open((origin) => `${feedText(origin)}onEmpty: fail\n${TABLES}`);
    await day(0);
    expect(await day(1)).toEqual({ outcome: 'Done' });
  });

  it('is read by an execution that runs beside one that found it unchanged, where it changed in between', async () => {
    const { world, state, day, asked } = await open();
    await day(0);
    await day(1);
    // A second execution had planned before the first one noted anything.
    world.records.entries.delete(SECOND);
    Object.assign(state, { etag: '"2"', body: xml(2) });
    expect(await day(1)).toEqual({ outcome: 'Done' });
    expect([asked, sealedIds(world, 'a.items')]).toEqual([
      ['', '"1"', '"1"'],
      [1, 2],
    ]);
  });

  it('is sealed where it was read, whatever else was noted', async () => {
    const { world, state, day } = await open();
    await day(0);
    Object.assign(state, { etag: '"2"', body: xml(2) });
    const read = world.records.read;
    // A record that another execution puts while this one reads.
    const late = { since: 's-20261123T120000000Z', invocation: 'other', at: NOW };
    const plant = async (key: string): Promise<string | undefined> => {
      if (key.startsWith('slices/') && !world.records.entries.has(SECOND)) {
        const plan = [...world.records.entries].find(([name]) => name.startsWith('plans/items/s-20261124'));
        const definition = plan?.[0].split('/').at(-1)?.replace('.json', '') ?? '';
        world.records.entries.set(SECOND, toRecordText({ ...late, definition }));
      }
      return read(key);
    };
    expect(await day(1, { ...world, records: { ...world.records, read: plant } })).toEqual({
      outcome: 'Done',
    });
    expect(sealedIds(world, 'a.items')).toEqual([1, 2]);
  });
});

describe('a document is asked for whatever it is', () => {
  const twice = async (opened: Awaited<ReturnType<typeof open>>, n = 1) => {
    await opened.day(0);
    await opened.day(n);
    return opened.asked.slice(1);
  };

  it('after its feed was changed', async () => {
    const opened = await open();
    await opened.day(0);
    const changed = feedOf('items', feedText(opened.server.origin) + TABLES.replace('bigint', 'varchar(9)'));
    await opened.day(1, { ...opened.world, feed: changed });
    expect(opened.asked).toEqual(['', '']);
    await opened.day(2, { ...opened.world, feed: changed });
    expect(opened.asked).toEqual(['', '', '"1"']);
  });

  it('where its newest batch is parked, or a week old', async () => {
    const parked = await open();
    await parked.day(0);
    const key = toKey({ kind: 'parked', feed: 'items', batch: 's-20261123T120000000Z' });
    const why = { state: 'Load', error: 'E', message: 'm', parkedAt: NOW, invocation: 'i' };
    parked.world.records.entries.set(
      key,
      toRecordText({ feed: 'items', batch: 's-20261123T120000000Z', ...why }),
    );
    await parked.day(1);
    expect(parked.asked).toEqual(['', '']);
    expect(await twice(await open(), 6)).toEqual(['"1"']);
    expect(await twice(await open(), 7)).toEqual(['']);
  });

  const table = (keys: string) => `tables:\n  a.items: { rows: /r/item, ${keys}, columns: { id: bigint } }\n`;
  it.each([
    ['it is appended', '', '', table('disposition: append')],
    ['there may be more pages', ', next: { url: /r/@next }', '', TABLES],
    ['it is asked for by POST', ', method: POST, body: x', '', TABLES],
    ['there are more partitions', '', 'partitions: [{ name: a }, { name: b }]\n', TABLES],
    ['the feed has a condition of its own', ', headers: { If-None-Match: "\\"0\\"" }', '', TABLES],
  ])('where %s', async (_, http, more, tables) => {
    const opened = await open((origin) => feedText(origin, http, more) + tables);
    const [own] = await twice(opened);
    expect(own).toBe(http.includes('If-None') ? '"0"' : '');
    expect(sealedBatches(opened.world)).toHaveLength(2);
    const plans = [...opened.world.records.entries].filter(([key]) => key.startsWith('plans/'));
    expect(plans.map(([key, text]) => readRecordText(key, text, planRecord).known)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('and an answer of 304 to that is an error by name', async () => {
    const { state, day } = await open(
      (origin) => feedText(origin, ', headers: { If-None-Match: "\\"1\\"" }') + TABLES,
    );
    expect(await day(0)).toMatchObject({
      outcome: 'SourceRefused',
      error: {
        message: expect.stringMatching(
          /page 1 answered 304 \(not modified\) to a request without a condition/,
        ),
      },
    });
    state.etag = '"2"';
    expect((await day(1)).outcome).toBe('Done');
  });
});

it('reads a replaced table anew only where it changed', async () => {
  const { day, asked, world } = await open(
    (origin) =>
      `${feedText(origin)}tables:\n  a.items: { rows: /r/item, disposition: replace, columns: { id: bigint } }\n`,
  );
  await day(0);
  expect((await executeToEnd(world, schedule('2026-11-24T12:00:00Z'))).map(({ outcome }) => outcome)).toEqual(
    ['Done'],
  );
  expect(asked).toEqual(['', '"1"']);
});
