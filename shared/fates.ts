import type { Fate } from './errors.ts';
import * as errors from './errors.ts';

const { TransientError, TerminalError, ...named } = errors;

/** A class that says its own name and one fate: a union of fates is none. */
type ClassOf<Name> = {
  [F in Fate]: new (
    message: string,
  ) => Error & { readonly name: Name; readonly fate: F };
}[Fate];

/** A class of errors.ts without a fate, or with another's name, does not compile here. */
const classes: { readonly [Name in keyof typeof named]: ClassOf<Name> } = named;

/** The name of an error of ours. */
export type ErrorName = keyof typeof named;

export const ERROR_NAMES = Object.keys(classes) as readonly ErrorName[];

const OURS: ReadonlyMap<string, Fate> = new Map(
  [TransientError, TerminalError, ...Object.values(classes)]
    .map((Class) => new Class(''))
    .map(({ name, fate }) => [name, fate]),
);

/** The account's functions, or this one's share of them, are all busy: the function was not run. */
export const THROTTLED = 'Lambda.TooManyRequestsException';

/**
 * What Lambda itself may answer and a repeat may mend:
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 * and, for a process that died, the runtime's own names.
 */
const LAMBDA: readonly string[] = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  THROTTLED,
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'Sandbox.Timedout',
];

/** The rest of what Lambda, its runtime and Step Functions say of the machine, and not of the work. */
const OF_MACHINE = /^(Lambda|Runtime|Sandbox)\.|^States\.Timeout$/;

/** What becomes of an error, ours or AWS's, by its name; undefined for one that nobody here knows. */
export const fateOf = (name: string): Fate | undefined => {
  if (LAMBDA.includes(name)) return 'retry';
  return OURS.get(name) ?? (OF_MACHINE.test(name) ? 'wait' : undefined);
};

/** The names that state machines try again. */
export const RETRIED: readonly string[] = [
  ...[...OURS].filter(([, fate]) => fate === 'retry').map(([name]) => name),
  ...LAMBDA,
];
