import { describe, expect, it } from 'vitest';
import * as errors from '../../shared/errors.ts';
import { fateOf, RETRIED } from '../../shared/fates.ts';

/** What becomes of each error that the package throws: a change of a fate is a change of what operators meet. */
const FATES: Readonly<Record<keyof typeof errors, errors.Fate>> = {
  TransientError: 'retry',
  SourceUnavailable: 'retry',
  SourceTruncated: 'retry',
  ServiceUnavailable: 'retry',
  OutOfTime: 'retry',
  SubmissionUnknown: 'retry',

  LeaseHeld: 'wait',
  SourceBusy: 'wait',
  StepMovedNothing: 'wait',
  ServiceRefused: 'wait',
  WarehouseUnready: 'wait',
  RecordTooNew: 'person',
  LoadTriesExhausted: 'wait',

  XmlMalformed: 'document',
  XmlLimitExceeded: 'document',
  XmlUnsupported: 'document',
  DocumentMismatch: 'document',
  TooManyRejects: 'document',
  EmptyBatch: 'document',

  SliceStuck: 'batch',
  LoadDataRefused: 'batch',
  TooManyDeleted: 'batch',

  TerminalError: 'person',
  SourceRefused: 'person',
  PagingLoop: 'person',
  UntrustedHost: 'person',
  BatchParked: 'person',
  GenerationLimitExceeded: 'person',
  InvalidInput: 'person',
  SecretMissing: 'person',
  WarehouseRefused: 'person',
  LoadRefused: 'batch',
  TargetChanged: 'person',
  RebuildLost: 'person',
};

describe('every error class', () => {
  it.each(Object.entries(errors))('%s bears its name and its own fate', (name, Class) => {
    const error: unknown = Reflect.construct(Class, ['what, value, allowed', { cause: 'why' }]);
    expect(error).toBeInstanceOf(Error);
    expect(Class.name).toBe(name);
    const fate = Object.entries(FATES).find(([known]) => known === name)?.[1];
    expect(error).toMatchObject({ name, fate, message: 'what, value, allowed', cause: 'why' });
    expect(fateOf(name)).toBe(fate);
  });

  it.each(Object.entries(errors))(
    '%s is transient or terminal, and only what is to be retried is',
    (_, Class) => {
      const error = new Class('');
      const isTransient = error instanceof errors.TransientError;
      expect(error instanceof errors.TerminalError).toBe(!isTransient);
      expect(RETRIED.includes(error.name)).toBe(error.fate === 'retry');
    },
  );
});

describe('an error of AWS’s', () => {
  it.each([
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.TooManyRequestsException',
    'Lambda.Unknown',
    'Runtime.ExitError',
    'Runtime.OutOfMemory',
    'Sandbox.Timedout',
  ])('%s is tried again by the state machines', (name) => {
    expect(fateOf(name)).toBe('retry');
    expect(RETRIED).toContain(name);
  });

  it.each(['States.Timeout', 'Lambda.Some', 'Runtime.ImportModuleError', 'Sandbox.Some'])(
    '%s says nothing of the work, which waits',
    (name) => {
      expect(fateOf(name)).toBe('wait');
      expect(RETRIED).not.toContain(name);
    },
  );

  it.each([
    'States.Runtime',
    'States.TaskFailed',
    'States.TimeoutX',
    'XLambda.X',
    'TypeError',
    'constructor',
    '',
  ])('%j has no fate', (name) => expect(fateOf(name)).toBeUndefined());
});
