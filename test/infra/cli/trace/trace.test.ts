import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../../infra/cli/arguments.ts';
import { toLanes } from '../../../../infra/cli/trace/lanes.ts';
import { showTrace } from '../../../../infra/cli/trace/show-trace.ts';
import { tellSlowestFeed, toSlowestFeed } from '../../../../infra/cli/trace/slowest-feed.ts';
import { fakeIo } from '../fake-io.ts';
import { type TracedBatch, tracedBatches } from './traced-batch.ts';

const toArguments = (words: readonly string[]) => {
  const line = parseCommandLine(words);
  if (line.kind !== 'verb') throw new Error(`${words.join(' ')} is no verb`);
  return line;
};

const TODAY = { name: 'w-20261128T080000000Z', start: '2026-11-28T08:00:00.000Z', slow: 2 };
const YESTERDAY = { name: 'w-20261127T080000000Z', start: '2026-11-27T08:00:00.000Z' };

const trace = async (batches: readonly TracedBatch[], ...words: string[]) => {
  const io = fakeIo();
  const args = toArguments(['trace', ...words]);
  const world = tracedBatches(batches);
  const status = await showTrace(args, io, async () => ({ ...world, close: async () => {} }));
  return { status, out: io.out() };
};

describe('trace', () => {
  it('draws Extract, Load and SettleLoad on one axis, beside the same batch of the day before', async () => {
    const { status, out } = await trace([YESTERDAY, TODAY], TODAY.name);
    expect(status).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "items w-20261128T080000000Z, loaded: 13.5 s; the day before w-20261127T080000000Z: 11.5 s

                               0 ms                     6.8 s              13.5 s       took day before
      Extract                  ----------------------------                            7.5 s
        PlanBatch              cc##                                                    1.0 s      1.0 s
        slice 0                   .hrpu                                                1.0 s      1.0 s
        slice 1                   .....hhhhhrrrrrrpppppuu                              6.0 s      4.0 s
        SealBatch                                       .##                           500 ms     500 ms
      Load                                                  -----                      1.0 s
        PlanLoad                                            .##                       400 ms     400 ms
        SubmitLoad                                            #dd                     600 ms     600 ms
      warehouse                                                .....wwwwwwwwwww        4.0 s      4.0 s
      SettleLoad                                                               --     500 ms
        DescribeLoad                                                           ##     300 ms     300 ms
        MarkLoaded                                                              .     200 ms     200 ms

      . queue   c cold start   h wait for headers   r read   p parse   u upload   d Redshift Data
      w warehouse   # work of a function

      slowest slice 1, 6.0 s: parse 1.4 s, read 1.4 s, wait for headers 1.4 s, queue 1.1 s, upload 480 ms,
      work 100 ms
      slowest page: https://jazz.example/items page 2, 4.7 s
      warehouse, 4.0 s: warehouse 3.0 s, queue 1.0 s
      cold starts: 1, 400 ms together; queue: 2.8 s together
      "
    `);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('prints one JSON document: each lane with the parts that cover it', async () => {
    const { out } = await trace([YESTERDAY, TODAY], TODAY.name, '--json');
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      ...{ feed: 'items', batch: TODAY.name, state: 'loaded', start: TODAY.start, ms: 13_500 },
      ...{ coldStarts: 1, coldStartMs: 400, missing: [] },
      slowestPage: { place: 'https://jazz.example/items page 2', ms: 4_700 },
      before: { batch: YESTERDAY.name, ms: 11_500 },
    });
    const slice = document.lanes.find((lane: { slice?: number }) => lane.slice === 1);
    expect(slice).toMatchObject({ machine: 'Extract', state: 'ExtractSlice', fromMs: 1_000, toMs: 7_000 });
    expect(slice.parts.map(({ name }: { name: string }) => name)).toEqual([
      ...['queue', 'queue', 'work', 'wait for headers', 'read', 'parse', 'upload'],
    ]);
  });

  it('marks what failed, and ends with 1 for a batch that is parked', async () => {
    const { status, out } = await trace([{ ...TODAY, isParked: true }], TODAY.name);
    expect(status).toBe(1);
    expect(out).toMatch(/^items \S+, parked: .*no batch of the day before/);
    expect(out).toMatch(/^Extract FAILED/m);
    expect(out).toMatch(/^ {2}slice 1 FAILED/m);
  });

  it('says that no trace is kept any more, and what to look at', async () => {
    const io = fakeIo();
    const { records } = tracedBatches([TODAY]);
    const args = toArguments(['trace', TODAY.name]);
    const open = async () => ({ records, readTraces: async () => [], close: async () => {} });
    expect(await showTrace(args, io, open)).toBe(1);
    expect(io.out()).toMatch(/no trace of it is kept.*npx millrace logs/s);
  });

  it('refuses a batch that is not there, and names its place', async () => {
    await expect(trace([TODAY], 'w-1')).rejects.toThrow('no feed has a batch w-1');
    await expect(trace([TODAY], TODAY.name, '--feed', 'other')).rejects.toThrow(
      /feed other has no batch .* it is of items/,
    );
  });
});

describe('a state that calls its function by subsegments', () => {
  it('is one lane, with its tries', () => {
    const of = (id: string, name: string, [from, to]: readonly [number, number], over: object = {}) => ({
      ...{ trace_id: `1-6b0aff62-${'0'.repeat(24)}`, id, name, start_time: from, end_time: to },
      ...over,
    });
    const lambda = { origin: 'AWS::Lambda' };
    const call = { namespace: 'aws' };
    const [execution] = toLanes('Load', [
      of('a', 'Load', [0, 10], { origin: 'AWS::StepFunctions::StateMachine' }),
      of('b', 'PlanLoad', [1, 9], { parent_id: 'a', type: 'subsegment' }),
      of('c', 'Attempt #1', [1, 3], { parent_id: 'b', fault: true }),
      of('d', 'Lambda', [1, 3], { parent_id: 'c', ...call }),
      of('e', 'fn', [1, 3], { parent_id: 'd', fault: true, ...lambda }),
      of('f', 'Attempt #2', [5, 9], { parent_id: 'b' }),
      of('g', 'Lambda', [5, 9], { parent_id: 'f', ...call }),
      of('h', 'fn', [5, 9], { parent_id: 'g', ...lambda }),
      of('i', 'fn', [6, 9], { parent_id: 'h', origin: 'AWS::Lambda::Function' }),
    ]);
    expect(execution?.lanes).toMatchObject([
      {
        state: 'PlanLoad',
        startMs: 1_000,
        endMs: 9_000,
        parts: [
          { name: 'queue', startMs: 1_000, endMs: 3_000 },
          { name: 'wait to retry', startMs: 3_000, endMs: 5_000 },
          { name: 'queue', startMs: 5_000, endMs: 6_000 },
          { name: 'work', startMs: 6_000, endMs: 9_000 },
        ],
      },
    ]);
  });
});

describe('the slowest feed of a run', () => {
  it('is told with its executions, its slowest slice, and the command for all of it', () => {
    const { traces } = tracedBatches([TODAY]);
    const slowest = toSlowestFeed([...traces.values()]);
    expect(
      slowest === undefined ? [] : tellSlowestFeed(slowest, ' --data d').join('\n'),
    ).toMatchInlineSnapshot(`
      "
        where the time went (items, the slowest feed, 13.5 s)
          Extract          7.5 s  ████████████████████████
            slice 1        6.0 s  parse 1.4 s, read 1.4 s, wait for headers 1.4 s
          Load             1.0 s  ███
          SettleLoad      500 ms  ██
          warehouse        4.0 s  █████████████
          all of it: npx millrace trace w-20261128T080000000Z --feed items --data d"
    `);
  });

  it('is none where nothing was traced', () => {
    expect(toSlowestFeed([])).toBeUndefined();
  });
});
