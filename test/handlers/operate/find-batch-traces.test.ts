import { describe, expect, it } from 'vitest';
import { planNameOf } from '../../../handlers/extract/plan-name.ts';
import { findBatchTraces, findDayBefore } from '../../../handlers/operate/find-batch-traces.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { itemsFeed } from '../extract/world.ts';

const FEED = 'items';
const feed = itemsFeed();
const BATCH = 'w-20261128T070000000Z';

/** What an execution of that trace wrote; earlier releases kept none. */
const by = (traceId?: string) => ({ invocation: 'i', ...(traceId === undefined ? {} : { traceId }) });

const world = () => {
  const records = memoryRecordStore();
  const put = (key: string, record: object): void => void records.entries.set(key, toRecordText(record));
  return {
    records,
    plan: (batch: string, to: string, traceId?: string) => {
      const window = { from: new Date(Date.parse(to) - 3_600_000).toISOString(), to };
      const date = to.slice(0, 10).replaceAll('-', '/');
      const plan = {
        feed: FEED,
        batch,
        ...by(traceId),
        date,
        observed: to,
        window,
        definition: feed,
        slices: [],
      };
      put(toKey({ kind: 'plan', ...planNameOf(plan) }), plan);
      const step = (n: number, trace?: string): void =>
        put(toKey({ kind: 'step', ...planNameOf(plan), slice: 0, restart: 0, step: n }), {
          ...by(trace),
          ...{
            at: to,
            tables: {},
            rejects: { rows: 0, parts: [] },
            records: 1,
            outside: 0,
            bytes: 1,
            pages: 1,
          },
          ...{ firstRejects: [], matched: [], continuation: null },
        });
      const seal = (trace?: string): void =>
        put(toKey({ kind: 'batch', feed: FEED, date, batch }), {
          ...{ feed: FEED, batch, seal: 'i', observed: to, contract: feed.contract, tables: {} },
          ...{ records: 1, outside: 0, rejects: { rows: 0, parts: [] }, bytes: 1, warnings: [] },
          correlation: 'chain',
          ...(trace === undefined ? {} : { traceId: trace }),
        });
      return { step, seal };
    },
    load: (
      n: number,
      batches: readonly string[],
      traces: Record<'plan' | 'submit' | 'settle', string>,
      outcome: string,
    ) => {
      const of = { feed: FEED, date: '2026/11/28', load: n };
      put(toKey({ kind: 'load', ...of }), {
        ...{ feed: FEED, load: n, ...by(traces.plan), execution: 'e', contract: feed.contract },
        batches: batches.map((batch) => ({ batch, key: 'k', seal: 'i' })),
        plannedAt: '2026-11-28T08:00:00.000Z',
      });
      const submittedAt = '2026-11-28T08:00:00.000Z';
      put(toKey({ kind: 'submission', ...of, try: 1 }), {
        ...by(traces.submit),
        statementId: 's',
        submittedAt,
      });
      put(toKey({ kind: 'settled', ...of }), { ...by(traces.settle), outcome, parked: [] });
    },
  };
};

describe('the traces of a batch', () => {
  it('are those of all executions that planned, read, sealed, loaded and settled it, each once', async () => {
    const { records, plan, load } = world();
    const { step, seal } = plan(BATCH, '2026-11-28T08:00:00.000Z', 'e1');
    step(0, 'e1');
    step(1, 'e2');
    seal('e3');
    load(1, [BATCH, 'w-other'], { plan: 'l1', submit: 'l1', settle: 's1' }, 'isolate');
    load(2, ['w-other'], { plan: 'l2', submit: 'l2', settle: 's2' }, 'loaded');
    load(3, [BATCH], { plan: 'l3', submit: 'l4', settle: 's3' }, 'loaded');
    expect(await findBatchTraces(FEED, BATCH, records)).toEqual({
      ...{ feed: FEED, batch: BATCH, since: '2026-11-28T08:00:00.000Z', state: 'loaded' },
      traces: { Extract: ['e1', 'e2', 'e3'], Load: ['l1', 'l3', 'l4'], SettleLoad: ['s1', 's3'] },
      correlations: ['chain', 'loads/items/2026/11/28/00001', 'loads/items/2026/11/28/00003'],
    });
  });

  it('are none in the records of earlier releases, and none of a batch that nobody planned', async () => {
    const { records, plan } = world();
    const { step, seal } = plan(BATCH, '2026-11-28T08:00:00.000Z');
    step(0);
    expect(await findBatchTraces(FEED, BATCH, records)).toMatchObject({
      state: 'being read',
      traces: { Extract: [], Load: [], SettleLoad: [] },
    });
    seal();
    expect((await findBatchTraces(FEED, BATCH, records))?.state).toBe('sealed');
    expect(await findBatchTraces(FEED, 'w-1', records)).toBeUndefined();
  });
});

describe('the same batch of the day before', () => {
  it('is the one whose window ended nearest to a day earlier, over midnight too, and not half a day beside it', async () => {
    const { records, plan } = world();
    const add = (batch: string, to: string): void => plan(batch, to).seal();
    add('w-1', '2026-11-27T00:10:00.000Z');
    add('w-2', '2026-11-26T23:50:00.000Z');
    add('w-3', '2026-11-26T21:00:00.000Z');
    add('k-4', '2026-11-27T00:00:00.000Z');
    add('w-5', '2026-11-27T23:55:00.000Z');
    expect(await findDayBefore({ feed: FEED, batch: 'w-5' }, records)).toBe('w-2');
    expect(await findDayBefore({ feed: FEED, batch: 'w-3' }, records)).toBeUndefined();
    expect(await findDayBefore({ feed: FEED, batch: 'w-9' }, records)).toBeUndefined();
  });
});
