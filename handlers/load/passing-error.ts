import { OutOfTime, ServiceUnavailable, TransientError } from '../../shared/errors.ts';

const PASSING_NAMES: readonly string[] = [TransientError, ServiceUnavailable, OutOfTime].map(
  ({ name }) => name,
);

/** Step Functions' and Lambda's own: timeouts, throttles, processes that died. */
const PASSING_PREFIXES = ['States.Timeout', 'Lambda.', 'Sandbox.', 'Runtime.'];

/** Whether a state's error, by its name, says nothing of the load: it may pass by itself. */
export const isPassing = (name: string): boolean =>
  PASSING_NAMES.includes(name) || PASSING_PREFIXES.some((prefix) => name.startsWith(prefix));
