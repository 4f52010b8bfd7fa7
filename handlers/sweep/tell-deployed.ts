import { toKey } from '../../shared/state/keys.ts';
import { type DeployedRecord, deployedRecord } from '../../shared/state/operate-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readRecord } from '../records.ts';

interface TellDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly invocation: string;
}

type Deployed = Pick<DeployedRecord, 'feeds' | 'warehouse'>;

/**
 * Says in the bucket what this deployment runs, for those who operate it: nothing else on AWS has the feeds but the functions' own
 * code. Written anew where it is another's: after a deployment by the next sweep.
 */
export const tellDeployed = async (
  deployed: Deployed,
  { records, clock, invocation }: TellDeps,
): Promise<void> => {
  const key = toKey({ kind: 'deployed' });
  const at = new Date(clock.now()).toISOString();
  const record = deployedRecord.parse({ ...deployed, invocation, at });
  const standing = await readRecord(records, key, deployedRecord);
  if (standing !== undefined && isSame(standing, record)) return;
  if (standing !== undefined) await records.remove(key);
  await putRecord(records, key, record, deployedRecord);
};

const isSame = (a: Deployed, b: Deployed): boolean =>
  JSON.stringify([a.feeds, a.warehouse]) === JSON.stringify([b.feeds, b.warehouse]);
