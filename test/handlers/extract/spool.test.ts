import { describe, expect, it } from 'vitest';
import { openSpooled } from '../../../handlers/extract/spool.ts';
import { type SpoolPageDeps, spoolPage } from '../../../handlers/extract/spool-page.ts';
import type { Source, SourceResponse } from '../../../handlers/ports/source.ts';
import { removeSpooled } from '../../../handlers/sweep/remove-spooled.ts';
import { SourceRefused, SourceTruncated, SourceUnavailable } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { parseKey } from '../../../shared/state/keys.ts';
import type { ExtractTrigger, SpoolPageInput } from '../../../shared/state/messages.ts';
import { readRecordText } from '../../../shared/state/record-text.ts';
import { spooledRecord } from '../../../shared/state/records.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { toSwept } from './swept-world.ts';
import {
  type ExecutionResult,
  execute,
  itemsFeed,
  keysUnder,
  numbers,
  schedule,
  sealedIds,
  worldOf,
} from './world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PAGES = 3;
const EXPECTED = numbers(PAGES * 2);

/** A world whose source sends one of its pages for longer than an execution has. */
const slowWorld = (slowPage: number) => {
  const source = pagedSource({ pages: PAGES, rowsPerPage: 2 });
  const world = worldOf(itemsFeed(), source);
  const asked: number[] = [];
  const open: Source['open'] = async (request, limits) => {
    const page = Number(new URL(request.url).searchParams.get('pos') ?? '0') + 1;
    asked.push(page);
    if (page !== slowPage) return source.open(request, limits);
    return new Promise((_resolve, reject) => {
      limits.signal.addEventListener('abort', () => reject(limits.signal.reason));
      world.clock.advance(300_000);
    });
  };
  return { ...world, quick: source, asked, source: { ...source, open } };
};
type SlowWorld = ReturnType<typeof slowWorld>;

let invocations = 0;

/** SpoolPage, of a source that it has the time for. */
const spool = async (
  world: SlowWorld,
  input: SpoolPageInput,
  source: Pick<Source, 'open'> = world.quick,
  more: Partial<SpoolPageDeps> = {},
) => {
  const events = memoryEvents();
  await spoolPage(input, {
    ...world,
    source,
    events,
    clock: hastyClock(world.clock.now()),
    redactor: newRedactor(),
    secrets: fixedSecrets(),
    invocation: `spool-${invocations++}`,
    signal: new AbortController().signal,
    ...more,
  });
  return events.taken;
};

const toTrigger = ([event]: Awaited<ReturnType<typeof spool>>): ExtractTrigger =>
  ({ source: 'millrace', 'detail-type': event?.type, detail: event?.detail }) as ExtractTrigger;

/** Executions, and copies of `minutes` each, until the batch is sealed. */
const runToEnd = async (world: SlowWorld, minutes = 12): Promise<readonly string[]> => {
  const outcomes: string[] = [];
  let trigger = schedule();
  for (let n = 0; n < 10 && outcomes.at(-1) !== 'Done'; n += 1) {
    const { outcome, next, spools = [] }: ExecutionResult = await execute(world, trigger);
    outcomes.push(outcome);
    trigger = next ?? schedule();
    for (const input of spools) {
      world.clock.advance(minutes * MINUTE);
      trigger = toTrigger(await spool(world, input));
    }
  }
  return outcomes;
};

const firstSpool = async (world: SlowWorld): Promise<SpoolPageInput> => {
  const { outcome, spools } = await execute(world, schedule());
  expect(outcome).toBe('Spooling');
  return spools?.[0] ?? expect.unreachable('no page is spooled');
};

const spooledOf = (world: SlowWorld) => {
  const key = keysUnder(world, 'spool/').find((one) => one.endsWith('/spooled.json')) ?? '';
  return readRecordText(key, world.records.entries.get(key) ?? '', spooledRecord);
};

describe('a page that alone takes longer than an execution', () => {
  it.each(numbers(PAGES))('is copied, and its slice goes on with the copy: page %i', async (slowPage) => {
    const world = slowWorld(slowPage);
    const outcomes = await runToEnd(world);
    expect(outcomes.filter((outcome) => outcome === 'Spooling')).toHaveLength(1);
    expect(outcomes.at(-1)).toBe('Done');
    expect(sealedIds(world)).toEqual(EXPECTED);
    expect(world.quick.opened.filter((page) => page === slowPage)).toEqual([slowPage]);
    // The pages behind it are read together again.
    expect(keysUnder(world, 'slices/')).toHaveLength(slowPage === 1 ? 1 : 2);
    // Nothing began anew, though the link to the page is older than ten minutes.
    expect(keysUnder(world, 'slices/').filter((key) => /\/\d+-0000[1-9]-\d+\.json$/.test(key))).toEqual([]);
    expect(world.streams.uploading.size).toBe(0);
    expect(keysUnder(world, 'leases/')).toEqual([]);
  });

  it('is waited for by other executions, which ask the source for nothing', async () => {
    const world = slowWorld(1);
    await firstSpool(world);
    const before = world.asked.length;
    expect(await execute(world, schedule())).toEqual({ outcome: 'Spooling', spools: [] });
    expect(world.asked.length).toBe(before);
  });

  it('is waited for behind others, too, though the link to it gets old', async () => {
    const world = slowWorld(2);
    const outcomes = [];
    for (let n = 0; n < 5 && outcomes.at(-1) !== 'Spooling'; n += 1) {
      outcomes.push((await execute(world, schedule())).outcome);
    }
    const before = world.asked.length;
    world.clock.advance(12 * MINUTE);
    expect(await execute(world, schedule())).toEqual({ outcome: 'Spooling', spools: [] });
    expect(world.asked.length).toBe(before);
  });

  it('is copied once, whatever is delivered twice, and the slice is let on each time', async () => {
    const world = slowWorld(1);
    const input = await firstSpool(world);
    for (const _ of [1, 2]) {
      expect(await spool(world, input)).toMatchObject([
        { type: 'Continue', detail: { feed: 'items', generation: 1 } },
      ]);
    }
    expect(world.quick.opened).toEqual([1]);
  });

  it('is asked for again when its copy never comes, and parked after three', async () => {
    const world = slowWorld(1);
    for (const _ of numbers(3)) {
      await firstSpool(world);
      world.clock.advance(21 * MINUTE);
    }
    expect(keysUnder(world, 'spool/').map((key) => parseKey(key))).toMatchObject([
      { ask: 0 },
      { ask: 1 },
      { ask: 2 },
    ]);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'SliceStuck' });
    expect(keysUnder(world, 'parked/')).toHaveLength(1);
  });

  it('is read from its copy for an hour; then the source is asked anew', async () => {
    const world = slowWorld(1);
    await spool(world, await firstSpool(world));
    world.clock.advance(61 * MINUTE);
    await firstSpool(world);
  });

  it('that cannot be copied is asked for by its slice, whose error says what becomes of the batch', async () => {
    const world = slowWorld(1);
    const refused = new SourceRefused('status 404', { isRequestAtFault: true });
    const open = () => Promise.reject(refused);
    expect(await spool(world, await firstSpool(world), { open })).toHaveLength(1);
    expect(spooledOf(world).failure).toEqual({ error: 'SourceRefused', message: 'status 404' });
    const mended = { ...world, source: { ...world.source, open } };
    expect((await execute(mended, schedule())).error).toBe(refused);
    const { outcome, error } = await execute(world, schedule());
    expect(outcome).toBe('SliceStuck');
    expect(String(error)).toContain('its copy failed by SourceRefused: status 404');
  });

  it('is tried again where the source was away for a while', async () => {
    const world = slowWorld(1);
    let tries = 0;
    const open: Source['open'] = async (request, limits) => {
      tries += 1;
      if (tries === 1) throw new SourceUnavailable('not now');
      const response = await world.quick.open(request, limits);
      if (tries > 2) return response;
      const cut = async function* () {
        yield Buffer.from('<workitem>');
        throw new SourceTruncated('the connection was cut');
      };
      return { ...response, body: cut() };
    };
    await spool(world, await firstSpool(world), { open });
    expect(tries).toBe(3);
    expect(world.streams.uploading.size).toBe(0);
    expect((await execute(world, schedule())).outcome).toBe('Done');
    expect(sealedIds(world)).toEqual(EXPECTED);
  });

  const answering = (link: string): Pick<Source, 'open'> => ({
    open: async (): Promise<SourceResponse> => ({
      url: 'https://a.example/x',
      header: (name) => (name.toLowerCase() === 'link' ? link : undefined),
      charset: 'ISO-8859-1',
      body: (async function* () {
        yield Buffer.from('<workitem/>');
      })(),
    }),
  });

  it('keeps what its answer said of charset and of the next page', async () => {
    const world = slowWorld(1);
    await spool(world, await firstSpool(world), answering('<y>; rel="next"'));
    const { page = expect.unreachable() } = spooledOf(world);
    const opened = await openSpooled(page, { ...world, signal: new AbortController().signal });
    expect([opened.url, opened.charset, opened.header('Link'), opened.header('etag')]).toEqual([
      'https://a.example/x',
      'ISO-8859-1',
      '<y>; rel="next"',
      undefined,
    ]);
  });

  it('writes down no secret that the source sends back', async () => {
    const world = slowWorld(1);
    const input = await firstSpool(world);
    const redactor = newRedactor();
    const secrets = fixedSecrets({ s: { password: 'sesame-open-7' } }, redactor);
    await secrets.read('s');
    await spool(world, input, answering('<y?key=sesame-open-7>; rel="next"'), { redactor, secrets });
    expect(spooledOf(world).failure).toMatchObject({ error: 'UntrustedHost' });
    expect([...world.records.entries.values()].join()).not.toContain('sesame');
  });
});

describe('the sweep of spooled pages', () => {
  const sweepAll = async (world: SlowWorld, ageMs: number): Promise<readonly string[]> => {
    const { deps, objects } = toSwept(world, ageMs);
    for (let turn = 0; turn < TURNS; turn += 1) await removeSpooled('items', turn, deps);
    return [...objects.keys()].filter((key) => key.startsWith('spool/'));
  };

  it('removes them a day later when the batch is sealed, a week later when it is not, and nothing else', async () => {
    const world = slowWorld(1);
    await spool(world, await firstSpool(world));
    expect(await sweepAll(world, 2 * DAY)).toHaveLength(3);
    expect(await sweepAll(world, 8 * DAY)).toEqual([]);
    expect((await execute(world, schedule())).outcome).toBe('Done');
    expect(await sweepAll(world, DAY / 2)).toHaveLength(3);
    expect(await sweepAll(world, 2 * DAY)).toEqual([]);
  });
});
