import { describe, expect, it } from 'vitest';
import { feedOf, makeFailureLog, toFailures } from '../../../infra/cli/failures.ts';
import type { ExecutionRecord } from '../../../infra/local/local-cloud.ts';
import type { ParkedRecord } from '../../../shared/state/records.ts';

const execution = (over: Partial<ExecutionRecord>): ExecutionRecord => ({
  id: '1',
  machine: 'Extract',
  name: 'one',
  trigger: 'a schedule',
  status: 'FAILED',
  input: JSON.stringify({ feed: 'work_items', scheduledTime: '2026-01-15T08:00:00Z' }),
  starts: 1,
  error: 'SourceRefused',
  cause: 'https://jazz.example.com/x page 2: status 404, allowed 200',
  failedState: 'ExtractFailed',
  ...over,
});

const parked: ParkedRecord = {
  feed: 'inspections',
  batch: 'f-1',
  invocation: 'a',
  state: 'ExtractSlice',
  error: 'XmlMalformed',
  message: 'line 3',
  parkedAt: '2026-01-15T08:00:00.000Z',
};

describe('failures', () => {
  it('name the state that failed first, not the one that ended the execution', () => {
    const log = makeFailureLog();
    const at = { machine: 'Extract', name: 'one', at: 'now' };
    log.observe({ type: 'state-failed', path: 'ExtractSlices[3]/ExtractSlice', ...at });
    log.observe({ type: 'state-failed', path: 'ExtractFailed', ...at });
    expect(toFailures([execution({})], [], log)).toEqual([
      {
        feed: 'work_items',
        batch: '',
        state: 'ExtractSlice',
        error: 'SourceRefused',
        message: 'https://jazz.example.com/x page 2: status 404, allowed 200',
      },
    ]);
  });

  it('take the message out of a failed function’s JSON', () => {
    const cause = JSON.stringify({ errorType: 'X', errorMessage: 'what went wrong' });
    expect(toFailures([execution({ cause })], [], makeFailureLog())[0]?.message).toBe('what went wrong');
  });

  it('tell an execution and the batch that it parked once', () => {
    const failed = execution({
      input: JSON.stringify({ detail: { object: { key: 'landing/inspections/a.xml' } } }),
      error: 'XmlMalformed',
      cause: 'line 3',
    });
    expect(toFailures([failed], [parked], makeFailureLog())).toEqual([
      {
        feed: 'inspections',
        batch: 'f-1',
        landed: 'landing/inspections/a.xml',
        state: 'ExtractSlice',
        error: 'XmlMalformed',
        message: 'line 3',
      },
    ]);
    expect(toFailures([], [parked], makeFailureLog())).toHaveLength(1);
    const namesake = { ...parked, feed: 'work_items' };
    expect(toFailures([failed], [parked, namesake], makeFailureLog())).toHaveLength(2);
  });

  it('leave out what succeeded', () => {
    expect(toFailures([execution({ status: 'SUCCEEDED' })], [], makeFailureLog())).toEqual([]);
  });

  it('tell of a schedule that found its feed busy, since nothing was read for it', () => {
    const { error: _, cause: __, ...ended } = execution({ status: 'SUCCEEDED' });
    const output = JSON.stringify({
      outcome: 'busy',
      error: {
        Error: 'LeaseHeld',
        Cause: JSON.stringify({
          errorType: 'LeaseHeld',
          errorMessage: 'feed work_items is being read by another execution',
        }),
      },
    });
    expect(toFailures([{ ...ended, output }], [], makeFailureLog())).toMatchObject([
      {
        feed: 'work_items',
        error: 'LeaseHeld',
        message: 'feed work_items is being read by another execution',
      },
    ]);
    const done = { ...ended, output: JSON.stringify({ outcome: 'sealed' }) };
    expect(
      toFailures([{ ...ended, output }, done], [], makeFailureLog()),
      'the same event came twice',
    ).toEqual([]);
    const another = { ...done, input: '{"feed":"work_items","scheduledTime":"another"}' };
    expect(toFailures([{ ...ended, output }, another], [], makeFailureLog())).toHaveLength(1);
  });

  it.each([
    ['{"feed":"a"}', 'a'],
    ['{"detail":{"feed":"b"}}', 'b'],
    ['{"detail":{"object":{"key":"landing/c/x.xml"}}}', 'c'],
    ['{"detail":{"statementId":"1","statementName":"millrace/d/2026/11/23/00001/1"}}', 'd'],
    ['nonsense', ''],
    ['{}', ''],
  ])('find the feed of %s', (input, feed) => {
    expect(feedOf(input)).toBe(feed);
  });
});
