import type { Feed } from '../../../shared/model/feed.ts';
import type { BucketSettings } from '../../ports/bucket-settings.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { SourceClock } from '../../ports/source.ts';
import type { UsageLimits } from '../../ports/usage-limits.ts';
import type { Warehouse } from '../../ports/warehouse.ts';

/** What is looked at before something fails: each check is a file of its own. */
export interface Check {
  readonly name: string;
  /** Needs a deployment: there is none where nothing was run yet. */
  readonly needsDeployment: boolean;
  /** What was found; of nothing to look at, nothing. What it throws is found wrong, with the error's message. */
  look(deps: DoctorDeps): Promise<readonly Finding[]>;
}

export interface Finding {
  /** What was looked at, as `secret millrace/jazz`. */
  readonly of: string;
  /** `unknown`: it could not be looked at from here. */
  readonly state: 'ok' | 'wrong' | 'unknown';
  readonly says: string;
  /** What to do, or to type; empty where it is ok. */
  readonly remedy: string;
}

export interface DoctorDeps {
  readonly feeds: readonly Feed[];
  /** Name of the state bucket. */
  readBucket(): Promise<string>;
  readonly buckets: BucketSettings;
  readonly warehouse: Pick<Warehouse, 'execute'>;
  /** Whether the user that loads is still to be made, by the first load: then nobody can log in yet. */
  awaitsFirstLoad(): Promise<boolean>;
  /** Undefined where the deployment made no workgroup, or it is of this machine. */
  readUsageLimits(): Promise<UsageLimits | undefined>;
  readonly secrets: Secrets;
  readonly sourceClock: SourceClock;
  /** Whether feeds are read from this machine: it reaches what they reach. */
  readonly isOwnMachine: boolean;
  readonly clock: Clock;
  /** The command that stores a secret, by its id. */
  toStoreSecret(id: string): string;
  /** Where a page of the documentation lies, for whoever reads the remedy. */
  placeOf(page: 'runbook' | 'deploy'): string;
  readonly signal: AbortSignal;
}

export const ok = (of: string, says: string): Finding => ({ of, state: 'ok', says, remedy: '' });
