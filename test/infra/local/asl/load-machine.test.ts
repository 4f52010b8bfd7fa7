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
      A: { ...lambda('f'), Arguments: { FunctionName: 'f', Payload: 1, InvocationType: 'Event' } },
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
});
