import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { LAMBDA_ERRORS, TRANSIENT_ERRORS } from '../../infra/constructs/retry-policies.ts';
import * as errors from '../../shared/errors.ts';
import { machinesOf, statesOf, synthesized } from './synthesized.ts';

/** The package ships no types. */
const aslValidator: (
  definition: unknown,
  options: unknown,
) => { isValid: boolean; errorsText: (separator: string) => string } = createRequire(import.meta.url)(
  'asl-validator',
);

const { pipeline } = synthesized();
const machines = machinesOf(pipeline);

describe.each(machines)('the state machine $id', ({ properties, definition }) => {
  it('is Express, logs everything and is traced', () => {
    expect(properties).toMatchObject({
      StateMachineType: 'EXPRESS',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
      TracingConfiguration: { Enabled: true },
    });
  });

  it('is over before Express ends it at 300 s', () => {
    expect(definition.TimeoutSeconds).toBeLessThan(300);
    for (const [name, state] of statesOf(definition)) {
      if (state.Type === 'Task' && state.TimeoutSeconds !== undefined) {
        expect(state.TimeoutSeconds, name).toBeLessThan(definition.TimeoutSeconds ?? 0);
      }
    }
  });

  it('is written in JSONata, and a validator that is not ours finds no fault', () => {
    expect(definition.QueryLanguage).toBe('JSONata');
    const { isValid, errorsText } = aslValidator(definition, { checkArn: false, checkPaths: true });
    expect(isValid, errorsText('\n')).toBe(true);
  });

  it('uses nothing that Express does not run', () => {
    for (const [name, state] of statesOf(definition)) {
      expect(state.Resource ?? '', name).not.toMatch(/\.sync|\.waitForTaskToken|:activity:/);
      expect(state.ItemProcessor?.ProcessorConfig.Mode ?? 'INLINE', name).toBe('INLINE');
      expect(
        state.Type === 'Map' ? state.Retry : undefined,
        `${name}: a retried Map runs all its slices again`,
      ).toBeUndefined();
    }
  });

  it('names no error that nobody throws', () => {
    const ours = Object.keys(errors);
    const known = new Set([...ours, ...LAMBDA_ERRORS, 'States.ALL', 'States.TaskFailed']);
    for (const [name, state] of statesOf(definition)) {
      for (const { ErrorEquals } of [...(state.Retry ?? []), ...(state.Catch ?? [])]) {
        for (const error of ErrorEquals) expect(known.has(error), `${name}: ${error}`).toBe(true);
      }
    }
  });
});

describe('the functions', () => {
  it('each serve a state of their name, and each handler is a function', () => {
    const tasks = machines.flatMap(({ definition }) =>
      statesOf(definition).filter(([, state]) => state.Resource?.endsWith('lambda:invoke')),
    );
    const kebab = (name: string) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
    const expected = [...new Set(tasks.map(([name]) => `${kebab(name)}.handler.ts`))].sort();
    const found = readdirSync('handlers')
      .filter((file) => file.endsWith('.handler.ts'))
      .sort();
    expect(found).toEqual(expected);
    expect(existsSync('handlers/lambda.ts')).toBe(true);
  });

  it('run on the Node that the project pins, traced', () => {
    pipeline.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
  });
});

const { isOfDocument: _, ...classes } = errors;

describe('every error class', () => {
  it.each(Object.entries(classes))(
    '%s bears its name, and is either terminal or transient',
    (exported, error) => {
      const instance = new error('what, value got, value allowed');
      expect(instance.name).toBe(exported);
      expect(error.name).toBe(exported);
      expect(instance instanceof errors.TransientError).toBe(!(instance instanceof errors.TerminalError));
    },
  );

  it('is retried by the machines when it is transient, and only then', () => {
    const retried = Object.entries(classes).filter(
      ([, error]) => new error('') instanceof errors.TransientError,
    );
    const names = retried.map(([name]) => name).filter((name) => name !== errors.LeaseHeld.name);
    expect([...TRANSIENT_ERRORS].sort()).toEqual(names.sort());
  });
});
