import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import * as errors from '../../shared/errors.ts';
import { RETRIED } from '../../shared/fates.ts';
import { machinesOf, type Retry, statesOf, synthesized } from './synthesized.ts';

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
    const known = new Set([...ours, ...RETRIED, 'States.ALL', 'States.TaskFailed']);
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

/** The seconds between the tries of a retry, without jitter. */
const waitsOf = (retry: Retry): readonly number[] =>
  Array.from({ length: retry.MaxAttempts }, (_, n) =>
    Math.min(retry.IntervalSeconds * retry.BackoffRate ** n, retry.MaxDelaySeconds),
  );

const QUICK = { errors: RETRIED, waits: [1, 2, 4], jitter: 'FULL' };
const SLICE = { errors: RETRIED, waits: [2, 4, 8, 15], jitter: 'FULL' };
const LEASE = { errors: ['LeaseHeld'], waits: [5, 7.5, 11.25, 16.875, 25, 25, 25, 25], jitter: 'NONE' };
const SUBMISSION = { errors: ['SubmissionUnknown'], waits: [2, 4, 8, 16], jitter: 'NONE' };
const EVENT = { errors: ['States.TaskFailed'], waits: [1, 2, 4], jitter: 'FULL' };

/** Waits while functions have no room: so many, all but the first four of 15 s. */
const throttled = (count: number) => ({
  errors: ['Lambda.TooManyRequestsException'],
  waits: [1, 2, 4, 8, ...Array.from({ length: count - 4 }, () => 15)],
  jitter: 'FULL',
});

const ALL = [['States.ALL']];

/** Each state that does something: how it is tried again, and what it catches. */
const PATIENCE: Readonly<Record<string, { readonly retry: readonly unknown[]; readonly caught?: unknown }>> =
  {
    PlanBatch: { retry: [LEASE, throttled(10), QUICK], caught: [['LeaseHeld'], ...ALL] },
    ExtractSlices: { retry: [], caught: ALL },
    ExtractSlice: { retry: [throttled(6), SLICE], caught: [['Lambda.TooManyRequestsException']] },
    SpoolPages: { retry: [], caught: ALL },
    SpoolPage: { retry: [QUICK] },
    SealBatch: { retry: [throttled(4), QUICK], caught: ALL },
    RecordFailure: { retry: [throttled(9), QUICK], caught: ALL },
    BatchParkedEvent: { retry: [EVENT], caught: ALL },
    Continue: { retry: [EVENT] },
    AskLater: { retry: [EVENT] },
    PlanLoad: { retry: [QUICK] },
    PrepareWarehouse: { retry: [QUICK], caught: ALL },
    SubmitLoad: { retry: [QUICK], caught: ALL },
    DescribeLoad: { retry: [SUBMISSION, QUICK], caught: [['SubmissionUnknown']] },
    MarkLoaded: { retry: [QUICK] },
    ParkLoad: { retry: [QUICK] },
    Sweep: { retry: [QUICK] },
    LoadGathered: { retry: [EVENT] },
    LoadNext: { retry: [EVENT] },
    LoadOthers: { retry: [EVENT] },
    LoadOneByOne: { retry: [EVENT] },
    SettleOthers: { retry: [EVENT] },
    SettleOneByOne: { retry: [EVENT] },
  };

describe('the patience of each state', () => {
  const busy = machines
    .flatMap(({ definition }) => statesOf(definition))
    .filter(([, { Type }]) => Type === 'Task' || Type === 'Map');

  it.each(busy)('%s: what it tries again, after which waits, and what it catches', (name, state) => {
    const retry = (state.Retry ?? []).map((one) => ({
      errors: one.ErrorEquals,
      waits: waitsOf(one),
      jitter: one.JitterStrategy,
    }));
    const caught = state.Catch?.map(({ ErrorEquals }) => ErrorEquals);
    expect({ retry, ...(caught !== undefined && { caught }) }).toEqual(PATIENCE[name]);
  });
});

describe('a function that has no room', () => {
  const all = new Map(machines.flatMap(({ definition }) => statesOf(definition)));
  const sumOf = (name: string, ...which: readonly number[]): number =>
    which
      .flatMap((index) => {
        const retry = all.get(name)?.Retry?.[index];
        return retry === undefined ? [] : waitsOf(retry);
      })
      .reduce((sum, wait) => sum + wait, 0);
  const STEPS_END = 230;
  const EXECUTION = 295;

  it('is waited for, and what comes after it still has its time', () => {
    // All waits for a lease, for room and for what passes: FeedBusy is told.
    expect(sumOf('PlanBatch', 0, 1, 2)).toBeLessThan(EXECUTION - 30);
    // A plan that found no room at all: its failure is recorded, however long that is turned away.
    expect(sumOf('PlanBatch', 1, 2) + sumOf('RecordFailure', 0, 1)).toBeLessThan(EXECUTION - 60);
    // A slice that was turned away at the steps' end, and the seal after it.
    expect(STEPS_END + sumOf('ExtractSlice', 0) + sumOf('SealBatch', 0)).toBeLessThan(EXECUTION);
  });
});
