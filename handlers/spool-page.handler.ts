import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { spoolPageInput } from '../shared/state/messages.ts';
import { eventBridgeEvents } from './adapters/eventbridge-events.ts';
import { newHttpSessions } from './adapters/http-sessions.ts';
import { httpSource } from './adapters/http-source.ts';
import { newTransports } from './adapters/http-transport.ts';
import { s3ObjectStreams } from './adapters/s3-object-streams.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { secretsManager } from './adapters/secrets-manager.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { spoolPage } from './extract/spool-page.ts';
import { toLambda, traced } from './lambda.ts';

const { BUCKET, EVENT_SOURCE } = readConfig(['BUCKET', 'EVENT_SOURCE']);
const s3 = traced(new S3Client());
const records = s3RecordStore(s3, BUCKET);
const streams = s3ObjectStreams(s3, BUCKET);
const events = eventBridgeEvents(traced(new EventBridgeClient()), EVENT_SOURCE);
const secretsClient = traced(new SecretsManagerClient());
const transports = newTransports();
const sessions = newHttpSessions(systemClock);

/** SpoolPage: copies one page of a source that takes longer than an execution. */
export const handler = toLambda(spoolPageInput, (input, invocation) => {
  const secrets = secretsManager(secretsClient, invocation.redactor);
  const clock = systemClock;
  const source = httpSource({ ...invocation, secrets, clock, sessions, transports, random: Math.random });
  return spoolPage(input, { ...invocation, records, streams, source, secrets, events, clock });
});
