import {
  OutOfTime,
  ServiceRefused,
  ServiceUnavailable,
  TransientError,
  WarehouseRefused,
  WarehouseUnready,
} from '../../shared/errors.ts';

/** The names by which LoadFailed and the state machine tell why a load was given up. */
export const LOAD_ERROR = {
  data: 'LoadDataRefused',
  terminal: 'LoadRefused',
  /** Each attempt so far failed by what passes. */
  exhausted: 'LoadAttemptsExhausted',
} as const;

/** So long a load may be hindered by what passes, a throttle or a warehouse that is away, before it is given up. */
export const PASSING_MS = 24 * 3_600_000;

/** A right that is missing is nothing of the batches either: they wait until somebody gives it, and the alarm goes on meanwhile. */
const PASSING_NAMES: readonly string[] = [
  ...[TransientError, ServiceUnavailable, OutOfTime, ServiceRefused, WarehouseUnready].map(
    ({ name }) => name,
  ),
  LOAD_ERROR.exhausted,
];

/** Step Functions' and Lambda's own: timeouts, throttles, processes that died. */
const PASSING_PREFIXES = ['States.Timeout', 'Lambda.', 'Sandbox.', 'Runtime.'];

/** Whether a state's error, by its name, says nothing of the load: it may pass by itself. */
export const isPassing = (name: string): boolean =>
  PASSING_NAMES.includes(name) || PASSING_PREFIXES.some((prefix) => name.startsWith(prefix));

/** Whether the warehouse refused a statement, for whatever reason. */
export const isRefusal = (error: unknown): error is WarehouseRefused | WarehouseUnready =>
  error instanceof WarehouseRefused || error instanceof WarehouseUnready;
