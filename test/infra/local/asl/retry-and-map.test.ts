import { describe, expect, it } from 'vitest';
import { StatesError } from '../../../../infra/local/asl/states-error.ts';
import { lambda, outputOf, run, START } from './run.ts';

const failing = (error: string) => (): Promise<never> => Promise.reject(new StatesError(error, 'why'));
const retrying = (retry: readonly object[]): object => ({ T: lambda('f', { Retry: retry, End: true }) });

describe('Retry', () => {
  it.each([
    ['the defaults: 1 + 2 + 4 s', {}, 7],
    ['another interval and rate: 3 + 9 s', { IntervalSeconds: 3, BackoffRate: 3, MaxAttempts: 2 }, 12],
    ['a longest delay: 2 + 4 + 5 + 5 s', { IntervalSeconds: 2, MaxDelaySeconds: 5, MaxAttempts: 4 }, 16],
    ['full jitter of one half: 0.5 + 1 + 2 s', { JitterStrategy: 'FULL' }, 3.5],
    ['no attempt', { MaxAttempts: 0 }, 0],
  ])('waits by %s', async (_what, fields, seconds) => {
    const ran = await run(retrying([{ ErrorEquals: ['E'], ...fields }]), { task: failing('E') });
    expect([ran.result.status, ran.seconds]).toEqual(['FAILED', seconds]);
  });

  it('counts each retrier by itself, and the state counts them all', async () => {
    const counts: unknown[] = [];
    const states = {
      T: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'f', Payload: '{% $states.context.State.RetryCount %}' },
        Retry: [
          { ErrorEquals: ['A'], MaxAttempts: 2 },
          { ErrorEquals: ['B'], MaxAttempts: 1 },
        ],
        End: true,
      },
    };
    const errors = ['A', 'B', 'A', 'B'];
    const { result } = await run(states, {
      task: ({ arguments: args }) => {
        counts.push(args);
        return failing(errors.shift() ?? 'none')();
      },
    });
    expect(result).toMatchObject({ error: { error: 'B' } });
    expect(counts.map((args) => Object.values(args ?? {}).at(1))).toEqual([0, 1, 2, 3]);
  });

  it.each([
    ['States.ALL', 'Any', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
    ['States.TaskFailed', 'Any', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.ALL', 'States.Runtime', false],
    ['States.Runtime', 'States.Runtime', false],
    ['Other', 'Any', false],
  ])('%s takes %s: %s', async (pattern, error, isTaken) => {
    const states = {
      T: lambda('f', { Catch: [{ ErrorEquals: [pattern], Next: 'C' }], Next: 'C' }),
      C: { Type: 'Succeed' },
    };
    expect((await run(states, { task: failing(error) })).result.status).toBe(
      isTaken ? 'SUCCEEDED' : 'FAILED',
    );
  });

  it('a Task over its TimeoutSeconds is States.Timeout, retried when named', async () => {
    let calls = 0;
    const states = {
      T: lambda('f', {
        TimeoutSeconds: 10,
        Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }],
        End: true,
      }),
    };
    const ran = await run(states, {
      task: async (_request, clock) => {
        calls += 1;
        await clock.sleep(60_000);
        return null;
      },
    });
    expect([ran.result.status, calls, ran.seconds]).toEqual(['FAILED', 2, 21]);
  });

  it('counts no time for its TimeoutSeconds that the machine withheld', async () => {
    const states = { T: lambda('f', { TimeoutSeconds: 10, End: true }) };
    const takes = (seconds: number) =>
      run(states, {
        withheldMs: (clock) => 0.75 * (clock.now() - START),
        task: async (_request, clock) => clock.sleep(seconds * 1000),
      });
    expect((await takes(39)).result.status).toBe('SUCCEEDED');
    const hanging = await takes(60);
    expect(hanging.result).toMatchObject({ status: 'FAILED', error: { error: 'States.Timeout' } });
  });
});

const mapOf = (rest: object, inner: object = lambda('f')): object => ({
  M: {
    Type: 'Map',
    Items: '{% $states.input %}',
    ItemProcessor: { StartAt: 'I', States: { I: inner } },
    End: true,
    ...rest,
  },
});

describe('Map', () => {
  it.each([
    ['MaxConcurrency', { MaxConcurrency: 3 }, 3],
    ['MaxConcurrency of an expression', { MaxConcurrency: '{% 2 %}' }, 2],
    ['40, though more is asked', { MaxConcurrency: 100 }, 40],
    ['40, though nothing is asked', {}, 40],
  ])('runs at most %s at once', async (_what, rest, most) => {
    let running = 0;
    let peak = 0;
    const input = Array.from({ length: 90 }, (_, i) => i);
    await outputOf(mapOf(rest), {
      input,
      task: async (_request, clock) => {
        peak = Math.max(peak, ++running);
        await clock.sleep(1000);
        running -= 1;
        return null;
      },
    });
    expect(peak).toBe(most);
  });

  it('gives results by index however long each takes', async () => {
    const output = await outputOf(mapOf({}), {
      input: [3, 1, 2],
      task: async ({ arguments: args }, clock) => {
        const n = Number(Object.values(args ?? {}).at(1));
        await clock.sleep(n * 1000);
        return n;
      },
    });
    expect(output).toEqual([3, 1, 2]);
  });

  it('starts no further item once one has failed, and says which', async () => {
    const seen: string[] = [];
    const { result } = await run(mapOf({ MaxConcurrency: 1 }), {
      input: [0, 1, 2, 3],
      task: ({ path }) => {
        seen.push(path);
        return seen.length === 2 ? failing('E')() : Promise.resolve(null);
      },
    });
    expect(seen).toEqual(['M[0]/I', 'M[1]/I']);
    expect(result).toMatchObject({ error: { error: 'E', path: 'M[1]/I' } });
  });

  it('stops the waits of its other items when one fails', async () => {
    const inner = { Type: 'Wait', Seconds: '{% $states.input %}', Next: 'T' };
    const states = {
      M: {
        Type: 'Map',
        Items: [1, 200],
        ItemProcessor: { StartAt: 'I', States: { I: inner, T: lambda('f') } },
        End: true,
      },
    };
    const ran = await run(states, { task: failing('E') });
    expect([ran.result.status, ran.seconds]).toEqual(['FAILED', 1]);
  });

  it('retried as a whole runs every item again', async () => {
    let calls = 0;
    const output = await outputOf(mapOf({ Retry: [{ ErrorEquals: ['E'] }], MaxConcurrency: 1 }), {
      input: [0, 1],
      task: () => (++calls === 2 ? failing('E')() : Promise.resolve(calls)),
    });
    expect(output).toEqual([3, 4]);
  });

  it('keeps what an item assigns in the item', async () => {
    const inner = { Type: 'Pass', Assign: { mine: '{% $states.input %}' }, Next: 'R' };
    const states = {
      M: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: {
          StartAt: 'I',
          States: { I: inner, R: { Type: 'Pass', Output: '{% $mine %}', End: true } },
        },
        End: true,
      },
    };
    expect(await outputOf(states)).toEqual([1, 2]);
  });
});
