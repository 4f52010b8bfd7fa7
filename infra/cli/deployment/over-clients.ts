import { EventBridgeClient, type EventBridgeClientConfig } from '@aws-sdk/client-eventbridge';
import { RedshiftDataClient, type RedshiftDataClientConfig } from '@aws-sdk/client-redshift-data';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { eventBridgeEvents } from '../../../handlers/adapters/eventbridge-events.ts';
import { redshiftDataQuery } from '../../../handlers/adapters/redshift-data-query.ts';
import { redshiftDataWarehouse } from '../../../handlers/adapters/redshift-data-warehouse.ts';
import { s3BucketSettings } from '../../../handlers/adapters/s3-bucket-settings.ts';
import { s3ObjectInventory } from '../../../handlers/adapters/s3-object-inventory.ts';
import { s3OpenStaged } from '../../../handlers/adapters/s3-open-staged.ts';
import { s3RecordStore } from '../../../handlers/adapters/s3-record-store.ts';
import type { OwnSource } from '../../../shared/state/deployment-names.ts';
import type { Deployment } from './deployment.ts';

/** The SDK's clients of one deployment. */
export interface Clients {
  readonly s3: S3Client;
  readonly data: RedshiftDataClient;
  readonly bus: EventBridgeClient;
}

export interface ClientConfigs {
  readonly s3: S3ClientConfig;
  readonly data: RedshiftDataClientConfig;
  readonly bus: EventBridgeClientConfig;
}

export const openClients = ({ s3, data, bus }: ClientConfigs): Clients => ({
  s3: new S3Client(s3),
  data: new RedshiftDataClient(data),
  bus: new EventBridgeClient(bus),
});

/** Where statements go: exactly one of workgroup and cluster. */
export type Target = Parameters<typeof redshiftDataWarehouse>[1];

export interface OverClients extends Pick<Deployment, 'options' | 'clock' | 'readFeeds'> {
  readonly clients: Clients;
  readonly bucket: string;
  readonly target: Target;
  readonly signal: AbortSignal;
  /** The `source` of the deployment's own events. */
  readEventSource(): Promise<OwnSource>;
}

/** A deployment by the SDK: on AWS, or by the endpoints of a local cloud that runs. */
export const overClients = ({
  clients,
  bucket,
  target,
  signal,
  readEventSource,
  ...of
}: OverClients): Deployment => {
  const { s3, data, bus } = clients;
  const openStaged = s3OpenStaged(s3, bucket);
  const query = redshiftDataQuery(data, target);
  return {
    ...of,
    records: s3RecordStore(s3, bucket),
    inventory: s3ObjectInventory(s3, bucket),
    buckets: s3BucketSettings(s3),
    open: (key) => openStaged(key, signal),
    query: (sql) => query(sql, signal),
    warehouse: redshiftDataWarehouse(data, target),
    events: {
      put: async (...event) => eventBridgeEvents(bus, await readEventSource()).put(...event),
    },
    readBucket: async () => bucket,
    close: async () => {
      for (const client of [s3, data, bus]) client.destroy();
    },
  };
};
