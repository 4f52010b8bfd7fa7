import { describe, expect, it } from 'vitest';
import { StatesError } from '../../../../infra/local/asl/states-error.ts';
import { lambda, outputOf, run, START } from './run.ts';

const OUTPUTS: readonly {
  readonly says: string;
  readonly states: object;
  readonly input?: unknown;
  readonly output: unknown;
}[] = [
  {
    says: 'Pass gives its input on',
    states: { A: { Type: 'Pass', End: true } },
    input: { x: 1 },
    output: { x: 1 },
  },
  {
    says: 'Output is JSON with expressions in it, and leaves literals alone',
    states: {
      A: {
        Type: 'Pass',
        Output: { a: '{% $states.input.x + 1 %}', b: 'text', c: [true, '{% [1,2] %}'] },
        End: true,
      },
    },
    input: { x: 1 },
    output: { a: 2, b: 'text', c: [true, [1, 2]] },
  },
  {
    says: 'Output does not see what the same state assigns',
    states: {
      A: { Type: 'Pass', Assign: { v: 1 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { v: 2 }, Output: '{% $v %}', Next: 'C' },
      C: { Type: 'Pass', Output: '{% [$states.input, $v] %}', End: true },
    },
    output: [1, 2],
  },
  {
    says: 'Choice takes the first rule that holds, with its own Output',
    states: {
      A: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $states.input.n > 5 %}', Next: 'Big' },
          { Condition: '{% $states.input.n > 1 %}', Output: { v: 'small' }, Next: 'Done' },
        ],
        Default: 'Big',
      },
      Big: { Type: 'Pass', Output: { v: 'big' }, Next: 'Done' },
      Done: { Type: 'Succeed' },
    },
    input: { n: 3 },
    output: { v: 'small' },
  },
  {
    says: 'Choice goes to its Default',
    states: {
      A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'B' }], Default: 'C' },
      B: { Type: 'Succeed', Output: { v: 'b' } },
      C: { Type: 'Succeed', Output: { v: 'c' } },
    },
    output: { v: 'c' },
  },
  {
    says: 'the context names execution, state and machine',
    states: {
      A: {
        Type: 'Pass',
        Output:
          '{% [$states.context.Execution.Name, $states.context.Execution.StartTime, $states.context.State.Name, $states.context.StateMachine.Name, $states.context.Execution.Input.x] %}',
        End: true,
      },
    },
    input: { x: 7 },
    output: ['one', '2026-11-23T12:00:00.000Z', 'A', 'Test', 7],
  },
  {
    says: 'the functions of Step Functions are there',
    states: {
      A: {
        Type: 'Pass',
        Output: {
          parts: '{% $partition([1,2,3], 2) %}',
          range: '{% $range(1, 9, 3) %}',
          hash: "{% $hash('a', 'SHA-256') %}",
          parsed: `{% $parse('{"a":[1]}').a %}`,
          id: '{% $uuid() %}',
          same: '{% $random(7) = $random(7) %}',
          now: '{% $now() %}',
        },
        End: true,
      },
    },
    output: {
      parts: [[1, 2], [3]],
      range: [1, 4, 7],
      hash: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
      parsed: [1],
      id: 'an-id',
      same: true,
      now: '2026-11-23T12:00:00.000Z',
    },
  },
  {
    says: 'Parallel gives the results of its branches in order, from Arguments',
    states: {
      A: {
        Type: 'Parallel',
        Arguments: { n: 1 },
        Branches: [
          { StartAt: 'L', States: { L: { Type: 'Pass', Output: '{% $states.input.n %}', End: true } } },
          { StartAt: 'R', States: { R: { Type: 'Pass', Output: { v: 'r' }, End: true } } },
        ],
        End: true,
      },
    },
    output: [1, { v: 'r' }],
  },
  {
    says: 'Map selects items with outer variables, and gives results in order',
    states: {
      V: { Type: 'Pass', Assign: { base: 10 }, Next: 'M' },
      M: {
        Type: 'Map',
        Items: '{% $states.input.list %}',
        ItemSelector: {
          at: '{% $states.context.Map.Item.Index %}',
          n: '{% $states.context.Map.Item.Value + $base %}',
        },
        ItemProcessor: {
          StartAt: 'I',
          States: { I: { Type: 'Pass', Output: '{% [$states.input.at, $states.input.n] %}', End: true } },
        },
        End: true,
      },
    },
    input: { list: [5, 6] },
    output: [
      [0, 15],
      [1, 16],
    ],
  },
  {
    says: 'Map over nothing gives nothing',
    states: {
      M: {
        Type: 'Map',
        Items: [],
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Succeed' } } },
        End: true,
      },
    },
    output: [],
  },
  {
    says: 'a task gets its Arguments and its result is in $states.result',
    states: { T: lambda('f', { Output: '{% [$states.result.Resource, $states.input.x] %}', End: true }) },
    input: { x: 2 },
    output: ['f', 2],
  },
];

describe('states', () => {
  it.each(OUTPUTS)('$says', async ({ states, input, output }) => {
    const task = async ({ arguments: args }: { arguments: unknown }): Promise<unknown> =>
      Object.fromEntries(
        Object.entries(args ?? {}).map(([key, value]) => [key === 'FunctionName' ? 'Resource' : key, value]),
      );
    expect(await outputOf(states, { input, task })).toEqual(output);
  });

  it.each([
    ['seconds', { Seconds: 240 }, 240],
    ['seconds of an expression', { Seconds: '{% $states.input.s %}' }, 30],
    ['a time', { Timestamp: '2026-11-23T12:01:00Z' }, 60],
  ])('Wait waits for %s', async (_what, fields, seconds) => {
    const ran = await run({ W: { Type: 'Wait', ...fields, End: true } }, { input: { s: 30 } });
    expect([ran.result.status, ran.seconds]).toEqual(['SUCCEEDED', seconds]);
  });

  it('Fail ends the execution with its evaluated error and cause, and says where', async () => {
    const { result } = await run(
      { F: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: "{% 'because of ' & $states.input.e %}" } },
      { input: { e: 'Mine' } },
    );
    expect(result).toMatchObject({
      status: 'FAILED',
      error: { error: 'Mine', text: 'because of Mine', path: 'F' },
    });
  });

  it.each([
    [
      'no rule matches',
      { A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'B' }] }, B: { Type: 'Succeed' } },
      'States.NoChoiceMatched',
    ],
    [
      'a condition is no boolean',
      { A: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'B' }] }, B: { Type: 'Succeed' } },
      'States.QueryEvaluationError',
    ],
    [
      'an expression gives nothing',
      { A: { Type: 'Pass', Output: '{% $states.input.absent %}', End: true } },
      'States.QueryEvaluationError',
    ],
    [
      'an expression throws',
      { A: { Type: 'Pass', Output: "{% 1 + 'a' %}", End: true } },
      'States.QueryEvaluationError',
    ],
    [
      'the Items are no array',
      {
        A: {
          Type: 'Map',
          Items: '{% 3 %}',
          ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Succeed' } } },
          End: true,
        },
      },
      'States.QueryEvaluationError',
    ],
    [
      'an output is a byte over 256 KiB, its quotation marks counted',
      { A: { Type: 'Pass', Output: "{% $pad('', 262143, 'x') %}", End: true } },
      'States.DataLimitExceeded',
    ],
    [
      'a variable is a byte over 256 KiB',
      { A: { Type: 'Pass', Assign: { v: "{% $pad('', 262143, 'x') %}" }, End: true } },
      'States.DataLimitExceeded',
    ],
    [
      'what an expression gives is a function',
      { A: { Type: 'Pass', Output: '{% ($f := function($x) { $x }; $f) %}', End: true } },
      'States.QueryEvaluationError',
    ],
    [
      'what an expression gives holds a built-in function',
      { A: { Type: 'Pass', Assign: { v: "{% {'deep': [$sum]} %}" }, End: true } },
      'States.QueryEvaluationError',
    ],
    [
      'the time of an expression has no offset',
      { A: { Type: 'Wait', Timestamp: "{% '2026-11-23T12:01:00' %}", End: true } },
      'States.QueryEvaluationError',
    ],
    [
      'the timeout of an expression is no time',
      { A: lambda('f', { TimeoutSeconds: '{% 0 %}', End: true }) },
      'States.QueryEvaluationError',
    ],
  ])('fails when %s', async (_what, states, error) => {
    expect((await run(states)).result).toMatchObject({ status: 'FAILED', error: { error, path: 'A' } });
  });

  it('ends at its timeout, which nothing catches, and leaves the task running', async () => {
    let ended = 0;
    const ran = await run(
      {
        T: lambda('f', {
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
          Retry: [{ ErrorEquals: ['States.ALL'] }],
          Next: 'C',
        }),
        C: { Type: 'Succeed' },
      },
      {
        task: async (_request, clock) => {
          await clock.sleep(400_000);
          ended += 1;
          return null;
        },
      },
    );
    expect([ran.result.status, ran.seconds, ended]).toEqual(['TIMED_OUT', 300, 0]);
    expect(ran.result).toMatchObject({ error: { error: 'States.Timeout' } });
    expect(ran.events.at(-1)?.type).toBe('state-failed');
  });

  it('a loop without an end is stopped by the timeout', async () => {
    const ran = await run({
      W: { Type: 'Wait', Seconds: 7, Next: 'C' },
      C: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'W' }], Default: 'Z' },
      Z: { Type: 'Succeed' },
    });
    expect([ran.result.status, ran.seconds]).toEqual(['TIMED_OUT', 300]);
  });

  it('counts no time that the machine withheld, and ends what hangs all the same', async () => {
    const takes = (seconds: number) =>
      run(
        { A: lambda('f') },
        {
          withheldMs: (clock) => 0.5 * (clock.now() - START),
          task: async (_request, clock) => clock.sleep(seconds * 1000),
        },
      );
    expect((await takes(590)).result.status).toBe('SUCCEEDED');
    expect((await takes(5000)).result.status).toBe('TIMED_OUT');
  });

  it('what a task throws without a name is States.Runtime, which nothing catches', async () => {
    const states = {
      T: lambda('f', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], Next: 'C' }),
      C: { Type: 'Succeed' },
    };
    const { result } = await run(states, { task: () => Promise.reject(new TypeError('ours')) });
    expect(result).toMatchObject({ status: 'FAILED', error: { error: 'States.Runtime' } });
  });

  it('a throw in a task reaches its catcher with error and cause', async () => {
    const states = {
      T: lambda('f', {
        Catch: [
          {
            ErrorEquals: ['Bad'],
            Assign: { why: '{% $states.errorOutput.Cause %}' },
            Output: '{% $states.errorOutput %}',
            Next: 'C',
          },
        ],
        Next: 'C',
      }),
      C: { Type: 'Pass', Output: '{% [$states.input.Error, $why] %}', End: true },
    };
    const task = (): Promise<never> => Promise.reject(new StatesError('Bad', 'broken'));
    expect(await outputOf(states, { task })).toEqual(['Bad', 'broken']);
  });
});
