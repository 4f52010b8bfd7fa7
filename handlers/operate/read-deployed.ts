import { toKey } from '../../shared/state/keys.ts';
import { type DeployedRecord, deployedRecord } from '../../shared/state/operate-records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readRecord } from '../records.ts';

/** What a deployment says that it runs; undefined before its first sweep. Throws RecordTooNew, InvalidInput. */
export const readDeployed = (records: RecordStore): Promise<DeployedRecord | undefined> =>
  readRecord(records, toKey({ kind: 'deployed' }), deployedRecord);
