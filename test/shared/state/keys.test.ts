import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../../shared/errors.ts';
import {
  comparisonBatch,
  isComparison,
  type Key,
  landedBatch,
  parseKey,
  parseKeyIfOurs,
  parseStamp,
  scheduleBatch,
  toDateFolder,
  toKey,
  toStamp,
  windowBatch,
} from '../../../shared/state/keys.ts';

const feed = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const batch = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('2999-01-01') })
    .chain((d) =>
      fc.constantFrom(...[windowBatch, scheduleBatch, comparisonBatch].map((of) => of(d.getTime()))),
    ),
  fc.stringMatching(/^f-[0-9a-f]{32}$/),
);
const date = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('2999-01-01') })
  .map((d) => toDateFolder(d.getTime()));
const stamp = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('2999-01-01') })
  .map((d) => toStamp(d.getTime()));
const definition = fc.stringMatching(/^[0-9a-f]{16}$/);
const n = fc.integer({ min: 0, max: 99_999 });
const table = fc.oneof(
  fc.stringMatching(/^[a-z_]{1,9}\.[a-z_]{1,9}(\$deleted|\$keys)?$/),
  fc.constant('_rejects'),
);
const spoolName = { feed, batch, definition, slice: n, restart: n, step: n, ask: n };
const loadName = { feed, date, load: n };
const key: fc.Arbitrary<Key> = fc.oneof(
  fc.record({ kind: fc.constant('plan' as const), feed, batch, definition }),
  fc.record({ kind: fc.constant('stall' as const), feed, batch, definition, slice: n, step: n }),
  fc.record({ kind: fc.constant('refusal' as const), feed, batch, definition, restart: n }),
  fc.record({
    kind: fc.constant('step' as const),
    feed,
    batch,
    definition,
    slice: n,
    restart: n,
    step: n,
  }),
  ...(['spool', 'spooled'] as const).map((kind) => fc.record({ kind: fc.constant(kind), ...spoolName })),
  fc.record({ kind: fc.constant('spoolBody' as const), ...spoolName, invocation: fc.uuid() }),
  fc.record({
    kind: fc.constant('staged' as const),
    feed,
    batch,
    invocation: fc.uuid(),
    table,
    slice: n,
    part: n,
  }),
  fc.record({ kind: fc.constant('piece' as const), feed, batch, invocation: fc.uuid(), part: n }),
  fc.record({ kind: fc.constant('batch' as const), feed, date, batch }),
  fc.record({ kind: fc.constant('unchanged' as const), feed, date, batch }),
  fc.record({ kind: fc.constant('pending' as const), feed, batch }),
  fc.record({ kind: fc.constant('load' as const), ...loadName }),
  fc.record({ kind: fc.constant('submission' as const), try: n, ...loadName }),
  fc.record({ kind: fc.constant('settled' as const), ...loadName }),
  fc.record({ kind: fc.constant('manifest' as const), table, ...loadName }),
  fc.record({ kind: fc.constant('parked' as const), feed, batch }),
  fc.record({ kind: fc.constantFrom('lease' as const, 'waiting' as const), feed }),
  fc.record({ kind: fc.constant('paused' as const), feed }),
  fc.record({
    kind: fc.constantFrom('backfill' as const, 'backfilled' as const, 'rebuilt' as const),
    feed,
    request: fc.stringMatching(/^[0-9a-f]{12}$/),
  }),
  fc.record({ kind: fc.constant('skipped' as const), feed, batch }),
  fc.record({ kind: fc.constant('rebuild' as const), feed }),
  fc.record({ kind: fc.constant('failure' as const), feed, date, stamp }),
  fc.record({
    kind: fc.constant('mark' as const),
    feed,
    mark: fc.constantFrom('seen', 'rejects-20261123', 'superseded-f-0a'),
  }),
  fc.record({
    kind: fc.constant('attention' as const),
    feed,
    need: fc.constantFrom('parked', 'not-loading'),
    phase: fc.constantFrom('entered' as const, 'told' as const, 'left' as const),
  }),
  fc.constant({ kind: 'deployed' as const }),
);

describe('keys', () => {
  it('reads back every key that it builds', () => {
    fc.assert(
      fc.property(key, (k) => {
        expect(parseKey(toKey(k))).toEqual(k);
      }),
    );
  });

  it('uses only characters that no event form encodes', () => {
    fc.assert(
      fc.property(key, (k) => {
        expect(toKey(k)).toMatch(/^[A-Za-z0-9/_.-]+$/);
      }),
    );
  });

  it('refuses a key that is none of its shapes', () => {
    for (const text of ['', 'landing/x/a.xml', 'plans/x', 'batches/x/2026/1/1/w-1.json', 'leases/UP.json']) {
      expect(() => parseKey(text)).toThrow(InvalidInput);
      expect(parseKeyIfOurs(text)).toBeUndefined();
    }
  });

  it('names a landed object’s batch by its key and version, so that an object put again is another batch', () => {
    expect(landedBatch('landing/x/a.xml', 'v1')).toBe('f-2ac3634e6b972cd83a2da97d774264bf');
    expect(landedBatch('landing/x/a.xml', 'v2')).not.toBe(landedBatch('landing/x/a.xml', 'v1'));
  });

  it('writes times that sort as they pass and read back', () => {
    const ms = fc.integer({ min: 0, max: Date.parse('2999-01-01') });
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        expect(parseStamp(toStamp(a))).toBe(a);
        expect(toStamp(a) < toStamp(b)).toBe(a < b);
      }),
    );
  });
});

describe('the names of batches', () => {
  it('tell a comparison from all others', () => {
    const names = [windowBatch, scheduleBatch, comparisonBatch].map((of) => of(0));
    expect([...names, landedBatch('k', 'v')].map(isComparison)).toEqual([false, false, true, false]);
  });
});
