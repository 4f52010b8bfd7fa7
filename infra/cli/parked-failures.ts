import { readParkedEach } from '../../handlers/operate/parked-one.ts';
import type { Failure } from './report.ts';
import type { Session } from './session.ts';

/** Failures with why their batch is parked, where it is: what a person does about them is found by that. */
export const withParked = async (
  failures: readonly Failure[],
  deployment: Pick<Session['deployment'], 'records' | 'clock'>,
): Promise<readonly Failure[]> => {
  const parked = await readParkedEach(failures, deployment);
  return failures.map((failure, n) => {
    const of = parked[n];
    return of === undefined ? failure : { ...failure, parked: of };
  });
};
