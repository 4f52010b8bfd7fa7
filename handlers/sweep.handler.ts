import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { sweepInput } from '../shared/state/sweep-messages.ts';
import { eventBridgeEvents } from './adapters/eventbridge-events.ts';
import { redshiftDataWarehouse } from './adapters/redshift-data-warehouse.ts';
import { s3ObjectInventory } from './adapters/s3-object-inventory.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { readFeedsFile } from './feeds-file.ts';
import { toLambda, traced } from './lambda.ts';
import { sweep } from './sweep/sweep.ts';
import { telling } from './telling.ts';

const { BUCKET, WAREHOUSE, EVENT_SOURCE, STATEMENT_PREFIX } = readConfig([
  'BUCKET',
  'WAREHOUSE',
  'EVENT_SOURCE',
  'STATEMENT_PREFIX',
]);
const feeds = readFeedsFile();
const s3 = traced(new S3Client());
const deps = {
  records: s3RecordStore(s3, BUCKET),
  inventory: s3ObjectInventory(s3, BUCKET),
  warehouse: redshiftDataWarehouse(traced(new RedshiftDataClient()), WAREHOUSE),
  events: eventBridgeEvents(traced(new EventBridgeClient()), EVENT_SOURCE),
  clock: systemClock,
  bucket: BUCKET,
  target: WAREHOUSE,
  ...telling(),
  statementPrefix: STATEMENT_PREFIX,
};

export const handler = toLambda(sweepInput, (input, { invocation, signal }) =>
  sweep(input, feeds, { ...deps, invocation, signal }),
);
