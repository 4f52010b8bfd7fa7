import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { parkLoadInput } from '../shared/state/messages.ts';
import { eventBridgeEvents } from './adapters/eventbridge-events.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { toLambda, traced } from './lambda.ts';
import { parkLoad } from './load/park-load.ts';
import { telling } from './telling.ts';

const { BUCKET, EVENT_SOURCE } = readConfig(['BUCKET', 'EVENT_SOURCE']);
const records = s3RecordStore(traced(new S3Client()), BUCKET);
const events = eventBridgeEvents(traced(new EventBridgeClient()), EVENT_SOURCE);
const deps = { records, events, clock: systemClock, ...telling() };

export const handler = toLambda(parkLoadInput, (input, { invocation, tracer }) =>
  parkLoad(input, { ...deps, invocation, tracer }),
);
