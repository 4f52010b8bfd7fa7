import type { BucketSettings } from '../../../handlers/ports/bucket-settings.ts';
import type { Clock } from '../../../handlers/ports/clock.ts';
import type { Events } from '../../../handlers/ports/events.ts';
import type { ObjectInventory } from '../../../handlers/ports/object-inventory.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import type { QueryRows } from '../../../handlers/ports/warehouse-query.ts';
import type { FeedsFile } from '../../../shared/model/feed.ts';

/** How S3 clients reach a local cloud that runs: its folder is in use, so that no `run` can take it. */
export interface Served {
  /** Shell variables that lead them there. */
  readonly clientFile: string;
  /** That has its landing/. */
  readonly bucket: string;
}

/** A deployment as a verb works on it, by the same ports whether it runs on AWS, on this machine, or lies in a folder at rest. */
export interface Deployment {
  /** @default - no local cloud serves it */
  readonly served?: Served | undefined;
  /** The options that lead another command here, each behind a space, as ` --data cloud`; empty for the default place. */
  readonly options: string;
  readonly records: RecordStore;
  readonly inventory: ObjectInventory;
  readonly buckets: BucketSettings;
  /** The bytes under a key of the state bucket; undefined where there is none. */
  open(key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Asks the warehouse. Throws an error with the warehouse's own message. */
  query(sql: string): Promise<QueryRows>;
  readonly warehouse: Pick<Warehouse, 'execute'>;
  /** The bus. At rest there is none: each put is refused. */
  readonly events: Events;
  readonly clock: Clock;
  /** Name of the bucket that has its state and its landing/. */
  readBucket(): Promise<string>;
  /** The feeds that it runs, as they were deployed; undefined where it has not said so yet. */
  readFeeds(): Promise<FeedsFile | undefined>;
  close(): Promise<void>;
}

/** A deployment of which records alone are changed: nothing has to run for that. */
export type Markable = Pick<
  Deployment,
  'options' | 'records' | 'inventory' | 'clock' | 'readFeeds' | 'close'
>;
