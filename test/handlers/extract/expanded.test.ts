import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandObject } from '../../../handlers/extract/expand-object.ts';
import { readExpansion } from '../../../handlers/extract/expansion.ts';
import { startStopwatch } from '../../../handlers/extract/stopwatch.ts';
import { noTracer } from '../../../handlers/ports/tracer.ts';
import { removeOrphans } from '../../../handlers/sweep/remove-orphans.ts';
import { ServiceUnavailable, XmlLimitExceeded } from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { readRecordText } from '../../../shared/state/record-text.ts';
import { type PlanRecord, planRecord } from '../../../shared/state/records.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { openPlainCsvFile } from '../../fakes/plain-csv-file.ts';
import { toSwept } from './swept-world.ts';
import {
  dropsFeed,
  execute,
  executeToEnd,
  keysUnder,
  landed,
  numbers,
  rowsOf,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

const KEY = 'landing/drops/big.xml';
const DAY = 24 * 3_600_000;
const RECORDS = 600;
/** Of a document that takes longer than one execution where each chunk takes seconds. */
const MANY = 12_000;

const splitFeed = (splitBytes: number | undefined): Feed => {
  const feed = dropsFeed();
  if (feed.source.kind !== 's3') throw new Error('the feed reads no landed objects');
  const source = splitBytes === undefined ? feed.source : { ...feed.source, splitBytes };
  return { ...feed, source, rejects: { count: MANY, percent: 100 } };
};

/** Every tenth is rejected, and a few have what a guess takes for a record. */
const item = (id: number): string => {
  const noise = id % 100 === 7 ? '<!-- <workItem><id>0</id></workItem> -->' : '';
  const hash = ((id * 2_654_435_761) % 2 ** 32).toString(36);
  return `<workItem><id>${id % 10 === 0 ? 'x' : id}</id><modified>2026-11-20T08:00:00Z</modified>${noise}<comments><content>é ${hash}</content></comments></workItem>`;
};

const documentOf = (records: number): string =>
  `<?xml version="1.0"?>\n<workitem>${numbers(records).map(item).join('\n')}</workitem>`;
const keptOf = (records: number): number[] => numbers(records).filter((id) => id % 10 !== 0);

const DOCUMENT = documentOf(RECORDS);
const GZ = gzipSync(DOCUMENT);
const KEPT = keptOf(RECORDS);
const LONG = gzipSync(documentOf(MANY));

const landedWorld = (bytes: Uint8Array = GZ, splitBytes: number | undefined = 3_000) => {
  const world = worldOf(splitFeed(splitBytes), pagedSource({ pages: 0, rowsPerPage: 0 }));
  const object = { bucket: 'bucket', key: KEY, versionId: 'v1' };
  world.streams.land(object, bytes, Date.parse('2026-11-20T08:00:00Z'));
  return world;
};
type LandedWorld = ReturnType<typeof landedWorld>;

const plansOf = ({ records }: LandedWorld): PlanRecord[] =>
  keysUnder({ records } as LandedWorld, 'plans/').map((key) =>
    readRecordText(key, records.entries.get(key) ?? '', planRecord),
  );

const outcomesOf = async (world: Parameters<typeof executeToEnd>[0]) =>
  (await executeToEnd(world, landed(KEY))).map(({ outcome }) => outcome);

const piecesOf = ({ streams }: LandedWorld) =>
  [...streams.objects.keys()].filter((key) => key.includes('/_expanded/'));

/** All that the batch says and holds, but for numbers of rows and places within the document. */
const contentOf = (world: LandedWorld) => {
  const [batch = expect.unreachable('nothing is sealed')] = sealedBatches(world);
  const { records, bytes, object, warnings, rejects, tables } = batch;
  const columns: Readonly<Record<string, number>> = { 'ewm.items': 2, 'ewm.comments': 3 };
  const rows = Object.entries(tables).map(([table, { parts }]) =>
    rowsOf(world, parts).map((row) => row.slice(0, columns[table])),
  );
  const lines = rowsOf(world, rejects.parts).filter(([table]) => table !== 'table'); // each file has a header
  const rejected = lines.map(([table, , place, , , path, reason, raw]) => [
    table,
    place?.replace(/ from byte \d+$/, ''),
    path,
    reason,
    raw,
  ]);
  return { records, bytes, object, rows, rejected, warnings: warnings.length };
};

/** A world in which the pieces of a long document take their time: of 1,000 chunks, each has 300 ms. */
const slowly = (world: LandedWorld): LandedWorld => ({
  ...world,
  streams: {
    ...world.streams,
    upload: (key, body, signal) => {
      if (!key.includes('/_expanded/')) return world.streams.upload(key, body, signal);
      const passed = async function* () {
        for await (const chunk of body) {
          world.clock.advance(300);
          yield chunk;
        }
      };
      return world.streams.upload(
        key,
        Readable.from(passed(), { objectMode: false, highWaterMark: 1 }),
        signal,
      );
    },
  },
});

/** What all turns of the sweep remove, when everything in the bucket is two days old. */
const sweepAll = async (world: LandedWorld, ageMs = 2 * DAY): Promise<number> => {
  const { deps, objects } = toSwept(world, ageMs);
  let removed = 0;
  for (let turn = 0; turn < TURNS; turn += 1) removed += await removeOrphans('drops', turn, deps);
  for (const key of [...world.streams.objects.keys()]) {
    if (!objects.has(key)) world.streams.remove(key);
  }
  return removed;
};

describe('a compressed landed object over splitBytes', () => {
  it('gives what it gives when it is read from its start, whatever it is compressed with and wherever it is cut', async () => {
    const whole = landedWorld(GZ, 2 ** 30);
    expect(await outcomesOf(whole)).toEqual(['Done']);
    const expected = contentOf(whole);
    expect(expected.rows[0]).toHaveLength(KEPT.length);
    expect(expected.rejected.length).toBeGreaterThan(0);
    const member = Math.floor(DOCUMENT.length / 3);
    const parts = [Buffer.from(DOCUMENT.slice(0, member)), Buffer.from(DOCUMENT.slice(member))];
    const packed: Readonly<Record<string, Uint8Array>> = {
      gz: GZ,
      zst: zstdCompressSync(DOCUMENT),
      'gz of two members': Buffer.concat(parts.map((part) => gzipSync(part))),
      'zst of two frames': Buffer.concat(parts.map((part) => zstdCompressSync(part))),
    };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(packed)),
        fc.integer({ min: 1_000, max: 4_000 }),
        async (kind, splitBytes) => {
          const bytes = packed[kind] ?? Buffer.alloc(0);
          const world = landedWorld(bytes, splitBytes);
          expect((await outcomesOf(world)).at(-1)).toBe('Done');
          const { object, ...content } = contentOf(world);
          expect(object).toMatchObject({ key: KEY, bytes: bytes.length });
          expect({ ...content, object: expected.object }).toEqual(expected);
          const [ranged] = plansOf(world).filter(({ head }) => head !== undefined);
          const size = Buffer.byteLength(DOCUMENT);
          expect(ranged?.slices.at(-1)?.range?.to).toBe(size);
          expect(ranged?.slices.length).toBeGreaterThan(Math.min(200, size / splitBytes) * 0.9);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('is expanded by one execution, and read in ranges by the next', async () => {
    const world = landedWorld();
    expect(await outcomesOf(world)).toEqual(['Continue', 'Done']);
    expect(piecesOf(world)).toHaveLength(1);
    expect(plansOf(world)).toHaveLength(2);
    expect(plansOf(world).find(({ head }) => head !== undefined)?.expanded).toEqual([
      {
        bucket: 'bucket',
        key: piecesOf(world)[0],
        versionId: expect.stringMatching(/./),
        etag: '"e"',
        bytes: Buffer.byteLength(DOCUMENT),
      },
    ]);
  });

  it('is expanded in several executions where one has no time for it', async () => {
    const world = landedWorld(LONG, 100_000);
    const outcomes = await outcomesOf(slowly(world));
    expect(outcomes).toEqual(['Continue', 'Continue', 'Done']);
    expect(piecesOf(world)).toHaveLength(2);
    expect(sealedIds(world)).toEqual(keptOf(MANY));
  });

  it('is sealed once, with each row once, by executions that overlap', async () => {
    const world = landedWorld(LONG, 100_000);
    const slow = slowly(world);
    await Promise.all([executeToEnd(slow, landed(KEY)), executeToEnd(slow, landed(KEY))]);
    expect(sealedBatches(world)).toHaveLength(1);
    expect(sealedIds(world)).toEqual(keptOf(MANY));
  });

  it('goes on behind the pieces that are there when a function dies, and leaves nothing behind', async () => {
    const world = landedWorld(LONG, 100_000);
    const slow = slowly(world);
    expect((await execute(slow, landed(KEY))).outcome).toBe('Continue');
    const [first = ''] = piecesOf(world);
    const failure = new ServiceUnavailable('the function died');
    const upload: typeof slow.streams.upload = async (_, body) => {
      for await (const _ of body) break;
      throw failure;
    };
    const died = await execute({ ...slow, streams: { ...slow.streams, upload } }, landed(KEY));
    expect(died.error).toBe(failure);
    world.streams.objects.set(
      `staged/drops/${first.split('/')[2]}/dead/_expanded/00000.xml`,
      Buffer.from('<'),
    );
    expect(await sweepAll(world)).toBe(1);
    expect(piecesOf(world)).toEqual([first]);
    expect((await outcomesOf(slow)).at(-1)).toBe('Done');
    expect(plansOf(world).find(({ head }) => head !== undefined)?.expanded?.[0]?.key).toBe(first);
    expect(sealedIds(world)).toEqual(keptOf(MANY));
    await sweepAll(world);
    expect(piecesOf(world)).toEqual([]);
    expect(sealedIds(world)).toEqual(keptOf(MANY));
  });

  it('loses its pieces once it is sealed, not before, and its rows never', async () => {
    const world = landedWorld();
    await execute(world, landed(KEY));
    expect([await sweepAll(world), piecesOf(world).length]).toEqual([0, 1]);
    expect(await outcomesOf(world)).toEqual(['Done']);
    await sweepAll(world);
    expect(piecesOf(world)).toEqual([]);
    expect(sealedIds(world)).toEqual(KEPT);
  });

  it('is expanded anew where it was given up after 30 days', async () => {
    const world = landedWorld();
    await execute(world, landed(KEY));
    const [old] = piecesOf(world);
    const failing: typeof world.streams.upload = async (_, body) => {
      body.on('error', () => {}); // an upload that fails before it reads is told of by its own error
      throw new ServiceUnavailable('not now');
    };
    await execute({ ...world, streams: { ...world.streams, upload: failing } }, landed(KEY));
    expect(plansOf(world)).toHaveLength(2); // one of them names the piece
    await sweepAll(world, 31 * DAY); // refuses the steps
    expect([await sweepAll(world), piecesOf(world).length]).toEqual([1, 0]);
    expect(await outcomesOf(world)).toEqual(['Continue', 'Done']);
    expect(piecesOf(world)).not.toContain(old);
    expect(sealedIds(world)).toEqual(KEPT);
  });

  it('is not expanded again for another definition of its feed', async () => {
    const world = landedWorld();
    await execute(world, landed(KEY));
    const edited = { ...world, feed: splitFeed(4_000) };
    expect(await outcomesOf(edited)).toEqual(['Done']);
    expect(piecesOf(world)).toHaveLength(1);
    expect(sealedIds(world)).toEqual(KEPT);
  });

  it('is read by one function where its document cannot be cut, with a warning, and is not expanded', async () => {
    const world = landedWorld(gzipSync(Buffer.from(`\ufeff${DOCUMENT.replaceAll('é', 'e')}`, 'utf16le')));
    expect(await outcomesOf(world)).toEqual(['Done']);
    expect(piecesOf(world)).toEqual([]);
    expect(sealedBatches(world)[0]?.warnings.join()).toContain(
      'the object is over splitBytes and was read by one function, not in ranges: its encoding is UTF-16LE, and not UTF-8',
    );
  });

  it.each([
    ['ends early', GZ.subarray(0, -1000), 'XmlMalformed'],
    ['is damaged', Buffer.concat([GZ.subarray(0, -1000), Buffer.alloc(1000)]), 'XmlMalformed'],
    [
      'grows beyond all measure',
      gzipSync(Buffer.concat([Buffer.from(DOCUMENT.replace('</workitem>', '')), Buffer.alloc(70 * 2 ** 20)])),
      'XmlLimitExceeded',
    ],
  ])('is parked where it %s', async (_, bytes, name) => {
    const world = landedWorld(bytes);
    expect(await outcomesOf(world)).toEqual([name]);
    expect(keysUnder(world, 'parked/')).toHaveLength(1);
    expect(piecesOf(world)).toEqual([]);
    expect(world.streams.uploading.size).toBe(0);
  });

  it('is parked where two executions had their whole time and expanded nothing', async () => {
    const world = landedWorld();
    const open: typeof world.streams.open = async (...of) => {
      world.clock.advance(240_000);
      return world.streams.open(...of);
    };
    const as = (state: string) =>
      state === 'ExtractSlice' ? { ...world, streams: { ...world.streams, open } } : world;
    const late = { ...world, as };
    expect(await outcomesOf(late)).toEqual(['StepMovedNothing']);
    expect(await outcomesOf(late)).toEqual(['SliceStuck']);
    expect(keysUnder(world, 'parked/')).toHaveLength(1);
  });
});

describe('expanding', () => {
  const expandingWorld = async () => {
    const world = landedWorld();
    const failing: typeof world.streams.upload = async (_, body) => {
      body.on('error', () => {}); // an upload that fails before it reads is told of by its own error
      throw new ServiceUnavailable('not now');
    };
    await execute({ ...world, streams: { ...world.streams, upload: failing } }, landed(KEY));
    const [plan = expect.unreachable()] = plansOf(world);
    let part = 0;
    const deps = {
      ...world,
      secrets: fixedSecrets(),
      redactor: newRedactor(),
      tracer: noTracer,
      openCsvFile: openPlainCsvFile,
      invocation: 'a',
      signal: new AbortController().signal,
      stopwatch: startStopwatch(),
      nextPart: () => part++,
    };
    const position = { restart: 0, step: 0, continuation: null, hasStalled: false };
    return { world, plan, deps, input: { plan, position, deadlineMs: Number.POSITIVE_INFINITY } };
  };

  it('makes pieces of a size, each a step, that are the document', async () => {
    const { world, plan, deps, input } = await expandingWorld();
    expect(await expandObject({ ...input, pieceBytes: 20_000 }, deps)).toBe('complete');
    const pieces = (await readExpansion(world.records, plan.feed, plan.batch)) ?? [];
    expect(pieces.length).toBeGreaterThan(2);
    const bytes = Buffer.concat(pieces.map(({ key }) => world.streams.objects.get(key) ?? Buffer.alloc(0)));
    expect(bytes.toString()).toBe(DOCUMENT);
    expect(pieces.map((piece) => piece.bytes)).toEqual(
      pieces.map(({ key }) => world.streams.objects.get(key)?.length),
    );
  });

  it('refuses a document over its limit, and leaves no upload open', async () => {
    const { world, deps, input } = await expandingWorld();
    const limits = { ...DEFAULT_LIMITS, documentSize: 50_000 };
    const expanding = expandObject({ ...input, limits }, deps);
    await expect(expanding).rejects.toThrow(XmlLimitExceeded);
    await expect(expanding).rejects.toThrow(
      `s3://bucket/${KEY}: the document is over documentSize, 50000 bytes`,
    );
    expect(piecesOf(world)).toEqual([]);
    expect(world.streams.uploading.size).toBe(0);
  });
});
