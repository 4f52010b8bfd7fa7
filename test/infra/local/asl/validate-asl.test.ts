import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { validateAsl } from '../../../../infra/local/asl/validate-asl.ts';
import { lambda, machineText } from './run.ts';

const require = createRequire(import.meta.url);

/** asl-validator as it is: loaded anew, it makes an Ajv at each call. */
const loadPlain = (): ((definition: unknown) => unknown) => {
  for (const path of Object.keys(require.cache)) {
    if (path.includes('/asl-validator/')) delete require.cache[path];
  }
  return require('asl-validator');
};

const DEFINITIONS: readonly (readonly [string, object])[] = [
  ['a sound machine', { T: lambda('f') }],
  ['a state of no type', { T: { Type: 'Nothing', End: true } }],
  ['an expression that does not end', { T: { Type: 'Pass', Output: '{% $uppercase( %}', End: true } }],
  ['an ARN that is none', { T: { Type: 'Task', Resource: 'f', End: true } }],
  ['a state that does not exist', { T: { Type: 'Pass', Next: 'U' } }],
];

describe('what asl-validator says with an Ajv that is kept', () => {
  it('is what it says with a new one, however often and after whatever it said before', () => {
    const plain = loadPlain();
    const expected = DEFINITIONS.map(([, states]) => plain(JSON.parse(machineText(states))));
    expect(expected.map((one) => Object(one).isValid).filter(Boolean)).toHaveLength(1);
    for (const order of [DEFINITIONS, DEFINITIONS.toReversed(), DEFINITIONS]) {
      for (const definition of order) {
        const found = validateAsl(JSON.parse(machineText(definition[1])));
        expect(expected[DEFINITIONS.indexOf(definition)], definition[0]).toMatchObject(found);
      }
    }
  });
});
