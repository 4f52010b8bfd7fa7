import { describe, expect, it } from 'vitest';
import { loadDefinition } from '../../../../infra/local/asl/load-machine.ts';
import { lambda, machineText } from './run.ts';

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['JSONPath', JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } }), /QueryLanguage/],
  ['a JSONPath field', machineText({ A: { Type: 'Pass', ResultPath: '$.x', End: true } }), /ResultPath/],
  ['a timeout over 300 s', machineText({ A: { Type: 'Succeed' } }, 'A', { TimeoutSeconds: 301 }), /300/],
  [
    '.sync',
    machineText({ A: { ...lambda('f'), Resource: 'arn:aws:states:::states:startExecution.sync' } }),
    /\.sync/,
  ],
  [
    'a task token',
    machineText({ A: { ...lambda('f'), Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' } }),
    /waitForTaskToken/,
  ],
  [
    'an activity',
    machineText({ A: { ...lambda('f'), Resource: 'arn:aws:states:us-east-1:1:activity:a' } }),
    /activity/,
  ],
  ['heartbeats', machineText({ A: { ...lambda('f'), HeartbeatSeconds: 3 } }), /HeartbeatSeconds/],
  [
    'a distributed Map',
    machineText({
      A: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'B',
          States: { B: { Type: 'Succeed' } },
        },
        End: true,
      },
    }),
    /Mode|INLINE/,
  ],
  ['a Next to nowhere', machineText({ A: { Type: 'Pass', Next: 'Z' } }), /Z/],
  ['a state that nothing reaches', machineText({ A: { Type: 'Succeed' }, B: { Type: 'Succeed' } }), /B/],
  [
    'States.ALL beside others',
    machineText({ A: lambda('f', { Retry: [{ ErrorEquals: ['States.ALL', 'E'] }], End: true }) }),
    /alone/,
  ],
  [
    'States.ALL before others',
    machineText({
      A: lambda('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }], End: true }),
    }),
    /last/,
  ],
  [
    'a variable that nothing assigns',
    machineText({ A: { Type: 'Pass', Output: '{% $thraed.x %}', End: true } }),
    /\$thraed/,
  ],
  ['half an expression', machineText({ A: { Type: 'Pass', Output: '{% $states.input', End: true } }), /half/],
  [
    'what is not JSONata',
    machineText({ A: { Type: 'Pass', Output: '{% ( %}', End: true } }),
    /JSONATA|JSONata/i,
  ],
  [
    'lambda:invoke without a function',
    machineText({ A: { ...lambda('f'), Arguments: { Payload: 1 } } }),
    /FunctionName/,
  ],
  [
    'an argument it does not know',
    machineText({
      A: { ...lambda('f'), Arguments: { FunctionName: 'f', Payload: 1, Qualifier: 'x' } },
    }),
    /Qualifier/,
  ],
  [
    'an invocation that only asks whether it may be made',
    machineText({
      A: { ...lambda('f'), Arguments: { FunctionName: 'f', Payload: 1, InvocationType: 'DryRun' } },
    }),
    /InvocationType/,
  ],
  [
    'an inner assignment to an outer variable',
    machineText({
      A: { Type: 'Pass', Assign: { v: 1 }, Next: 'M' },
      M: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: { StartAt: 'B', States: { B: { Type: 'Pass', Assign: { v: 2 }, End: true } } },
        End: true,
      },
    }),
    /\$v/,
  ],
  [
    'an operator that is newer than the JSONata of Step Functions',
    machineText({ A: { Type: 'Pass', Output: '{% $states.input.a ?? 1 %}', End: true } }),
    /not JSONata 2\.0\.6/,
  ],
  [
    'the other one',
    machineText({ A: { Type: 'Pass', Output: '{% 1 ?: 2 %}', End: true } }),
    /not JSONata 2\.0\.6/,
  ],
  ['$eval', machineText({ A: { Type: 'Pass', Output: '{% $eval("1") %}', End: true } }), /\$eval/],
  [
    'a variable named states',
    machineText({ A: { Type: 'Pass', Assign: { states: 1 }, End: true } }),
    /\$states/,
  ],
  [
    'a variable with a hyphen',
    machineText({ A: { Type: 'Pass', Assign: { 'a-b': 1 }, End: true } }),
    /'a-b'/,
  ],
  [
    'a variable that begins with _',
    machineText({ A: { Type: 'Pass', Assign: { _a: 1 }, End: true } }),
    /'_a'/,
  ],
  [
    'a variable of 81 characters',
    machineText({ A: { Type: 'Pass', Assign: { ['a'.repeat(81)]: 1 }, End: true } }),
    /up to 79/,
  ],
  [
    'a wrong variable in a catcher',
    machineText({
      A: lambda('f', { Catch: [{ ErrorEquals: ['E'], Assign: { 'x y': 1 }, Next: 'B' }], Next: 'B' }),
      B: { Type: 'Succeed' },
    }),
    /'x y'/,
  ],
  [
    'a result where nothing was called',
    machineText({ A: { Type: 'Pass', Assign: { v: '{% $states.result %}' }, End: true } }),
    /no \$states\.result here/,
  ],
  [
    'a result before there is one',
    machineText({ A: { ...lambda('f'), Arguments: { FunctionName: 'f', Payload: '{% $states.result %}' } } }),
    /no \$states\.result here/,
  ],
  [
    'a result in a catcher',
    machineText({
      A: lambda('f', {
        Catch: [{ ErrorEquals: ['E'], Output: '{% $states.result %}', Next: 'B' }],
        Next: 'B',
      }),
      B: { Type: 'Succeed' },
    }),
    /no \$states\.result here/,
  ],
  [
    'an error outside a catcher',
    machineText({ A: lambda('f', { Output: { e: ['{% $states.errorOutput.Error %}'] }, End: true }) }),
    /no \$states\.errorOutput here/,
  ],
  [
    'an error deep in an expression',
    machineText({ A: { Type: 'Fail', Cause: "{% $join(['a', $string($states.errorOutput)]) %}" } }),
    /no \$states\.errorOutput here/,
  ],
  [
    'what $states never has',
    machineText({ A: { Type: 'Pass', Output: '{% $states.inputs %}', End: true } }),
    /no \$states\.inputs here, only \$states\.input, \$states\.context/,
  ],
  [
    'a function as output',
    machineText({ A: { Type: 'Pass', Output: '{% function($x) { $x } %}', End: true } }),
    /gives a function/,
  ],
  [
    'a built-in function as output',
    machineText({ A: { Type: 'Pass', Output: '{% $sum %}', End: true } }),
    /gives a function/,
  ],
  ...['2026-02-30T00:00:00Z', '2026-01-31', '2026-01-31T03:00:00', '2026-01-31t03:00:00z', 'tomorrow'].map(
    (time): readonly [string, string, RegExp] => [
      `the timestamp ${time}`,
      machineText({ A: { Type: 'Wait', Timestamp: time, End: true } }),
      /Timestamp is/,
    ],
  ),
  ['half a second', machineText({ A: { Type: 'Wait', Seconds: 1.5, End: true } }), /Seconds/],
  [
    'more seconds than there may be',
    machineText({ A: { Type: 'Wait', Seconds: 1e8, End: true } }),
    /Seconds/,
  ],
];

describe('a definition', () => {
  it.each(REFUSED)('with %s is refused by name', async (_what, text, message) => {
    await expect(loadDefinition('Bad', text)).rejects.toThrow(message);
  });

  it('may use the variables of an expression itself, lambdas and built-in functions', async () => {
    const output =
      '{% ($f := function($a, $b) { $a + $b }; $x := 1; $map([1], function($v) { $f($v, $x) }) ~> $sum) %}';
    await expect(
      loadDefinition('Good', machineText({ A: { Type: 'Pass', Output: output, End: true } })),
    ).resolves.toBeTruthy();
  });

  it.each([1, 'text', null, [1, null], false, { any: [{ kind: 'of' }] }])(
    'may have the output %j',
    async (output) => {
      const states = {
        A: { Type: 'Pass', Output: output, Next: 'Output' },
        Output: { Type: 'Succeed', Output: output },
      };
      await expect(loadDefinition('Good', machineText(states))).resolves.toBeTruthy();
    },
  );

  it('may read a result behind a call, and an error in a catcher', async () => {
    const leaving = { Assign: { kept: '{% $states.result %}' }, Output: '{% $states.result.Payload %}' };
    const caught = { ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'B' };
    const branch = { StartAt: 'C', States: { C: { Type: 'Succeed', Output: '{% $kept %}' } } };
    const states = {
      A: lambda('f', { ...leaving, Catch: [caught], Next: 'B' }),
      B: { Type: 'Parallel', Branches: [branch], Output: '{% $states.result[0] %}', End: true },
    };
    await expect(loadDefinition('Good', machineText(states))).resolves.toBeTruthy();
  });

  it.each(['2026-01-31T03:00:00Z', '2028-02-29T23:59:59.123456+05:30'])('may wait until %s', async (time) => {
    const states = { A: { Type: 'Wait', Timestamp: time, End: true } };
    await expect(loadDefinition('Good', machineText(states))).resolves.toBeTruthy();
  });
});
