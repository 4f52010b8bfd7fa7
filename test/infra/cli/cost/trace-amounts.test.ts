import { describe, expect, it } from 'vitest';
import { toTraceAmounts } from '../../../../infra/cli/cost/trace-amounts.ts';
import type { Segment } from '../../../../infra/local/xray/segment.ts';

const TRACE = '1-66a1b2c3-0123456789abcdef01234567';

const at = (id: string, name: string, [from, to]: readonly [number, number], over: object = {}): Segment => ({
  ...{ trace_id: TRACE, id, name, start_time: from / 1000, end_time: to / 1000 },
  ...over,
});

const machine = (ms: number) => at('m', 'Machine', [0, ms], { origin: 'AWS::StepFunctions::StateMachine' });

/** A state, the call that X-Ray puts below it, the service's and the function's segment. */
const called = (state: string, [from, to]: readonly [number, number], inside: readonly object[] = []) => [
  at('s', state, [from, to], { parent_id: 'm' }),
  at('t', 'Lambda', [from, to], { parent_id: 's', namespace: 'aws' }),
  at('l', 'fn', [from, to], { parent_id: 't', origin: 'AWS::Lambda' }),
  at('f', 'fn', [from, to], { parent_id: 'l', origin: 'AWS::Lambda::Function', subsegments: inside }),
];

const s3 = (operation: string, retries = 0, n = 0) => ({
  ...{ id: `${operation}${n}`, name: 'S3', start_time: 0, end_time: 0, namespace: 'aws' },
  aws: { operation, retries },
});

describe('toTraceAmounts', () => {
  it('bills an execution by begun 100 ms of 64 MB', () => {
    expect(toTraceAmounts([machine(100)]).executionGbSeconds).toBeCloseTo(0.1 / 16, 12);
    expect(toTraceAmounts([machine(100.4)]).executionGbSeconds).toBeCloseTo(0.2 / 16, 12);
    expect(toTraceAmounts([machine(1)]).executions).toBe(1);
  });

  it('bills a function by begun milliseconds of the memory that its state has', () => {
    const gbSeconds = (state: string, ms: number) =>
      toTraceAmounts([machine(5_000), ...called(state, [0, ms])]).lambdaGbSeconds;
    expect(gbSeconds('ExtractSlice', 1_000)).toBeCloseTo(1769 / 1024, 12);
    expect(gbSeconds('SpoolPage', 1_000.5)).toBeCloseTo(1.001, 12);
    expect(gbSeconds('PlanBatch', 2_000)).toBeCloseTo(1, 12);
  });

  it('bills a cold start that stands before its segment', () => {
    const init = { id: 'i', name: 'Initialization', start_time: 0.5, end_time: 1 };
    const { lambdaGbSeconds, invocations } = toTraceAmounts([
      machine(3_000),
      ...called('PlanBatch', [1_000, 2_000], [init]),
    ]);
    expect(lambdaGbSeconds).toBeCloseTo(0.75, 12);
    expect(invocations).toBe(1);
  });

  it('bills no invocation that had no room', () => {
    const throttled = called('PlanBatch', [0, 10]).slice(0, -1);
    expect(toTraceAmounts([machine(100), ...throttled]).invocations).toBe(0);
  });

  it('tells requests of S3 apart as their prices do, with what was tried again', () => {
    const calls = [
      ...[s3('PutObject'), s3('ListObjectsV2', 1), s3('UploadPart'), s3('CompleteMultipartUpload')],
      ...[s3('GetObject', 2), s3('HeadObject'), s3('DeleteObjects'), s3('AbortMultipartUpload')],
    ];
    const of = (inside: readonly object[]) =>
      toTraceAmounts([machine(100), ...called('ExtractSlice', [0, 50], inside)]);
    expect(of(calls)).toMatchObject({ s3Writes: 5, s3Reads: 4 });
    expect(of([s3('7 more calls')])).toMatchObject({ s3Writes: 7, s3Reads: 0 });
    expect(of([{ ...s3('GetObject'), name: 'Secrets Manager' }])).toMatchObject({ s3Reads: 0 });
  });

  it('counts a trace once, however many executions it has, and none without a document', () => {
    const other = { ...machine(100), id: 'n' };
    expect(toTraceAmounts([machine(100), other])).toMatchObject({ traces: 1, executions: 2 });
    expect(toTraceAmounts([])).toEqual({});
  });
});
