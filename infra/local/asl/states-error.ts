/** An error as state machines know it: a name that retriers and catchers match, and a cause for people. */
export class StatesError extends Error {
  override readonly name = 'StatesError';
  readonly error: string;
  /** Where it came from, once it has passed a state; the innermost one is kept. */
  path: string | undefined;
  /** A catcher is told no cause, as Step Functions may. */
  readonly hasCause: boolean;

  constructor(error: string, cause?: string, path?: string) {
    super(`${error}: ${cause ?? ''}`);
    this.hasCause = cause !== undefined;
    this.error = error;
    this.path = path;
  }

  /** The cause as AWS gives it: at most 32,768 characters. */
  get text(): string {
    return this.message.slice(this.error.length + 2).slice(0, 32_768);
  }
}

/** Errors of Step Functions itself: docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export const STATES = {
  all: 'States.ALL',
  taskFailed: 'States.TaskFailed',
  timeout: 'States.Timeout',
  dataLimit: 'States.DataLimitExceeded',
  runtime: 'States.Runtime',
  query: 'States.QueryEvaluationError',
  noChoice: 'States.NoChoiceMatched',
  permissions: 'States.Permissions',
} as const;

/** Whether one name of a retrier's or catcher's list takes this error. */
export const matchesError = (pattern: string, error: string): boolean => {
  if (error === STATES.runtime) return false;
  if (pattern === error) return true;
  if (error === STATES.dataLimit) return false;
  if (pattern === STATES.all) return true;
  return pattern === STATES.taskFailed && error !== STATES.timeout;
};

/** What anything that was thrown is to a state machine. What is no StatesError is a fault of ours: States.Runtime. */
export const toStatesError = (thrown: unknown): StatesError => {
  if (thrown instanceof StatesError) return thrown;
  const cause = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new StatesError(STATES.runtime, cause);
};
