import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openCsvFile } from '../shared/csv/csv-file.ts';
import { extractSliceInput } from '../shared/state/messages.ts';
import { newHttpSessions } from './adapters/http-sessions.ts';
import { httpSource } from './adapters/http-source.ts';
import { newTransports } from './adapters/http-transport.ts';
import { s3ObjectStreams } from './adapters/s3-object-streams.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { secretsManager } from './adapters/secrets-manager.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { extractSlice } from './extract/extract-slice.ts';
import { toStepTimes } from './extract/step-times.ts';
import { toLambda, traced } from './lambda.ts';

const { BUCKET, STEP_SECONDS } = readConfig(['BUCKET', 'STEP_SECONDS']);
const times = toStepTimes(STEP_SECONDS);
const s3 = traced(new S3Client());
const records = s3RecordStore(s3, BUCKET);
const streams = s3ObjectStreams(s3, BUCKET);
const secretsClient = traced(new SecretsManagerClient());
const transports = newTransports();
const sessions = newHttpSessions(systemClock); // one login serves the slices of this process as long as it holds

/** ExtractSlice: reads one slice of a batch into part files, step by step. */
export const handler = toLambda(extractSliceInput, (input, invocation) => {
  const secrets = secretsManager(secretsClient, invocation.redactor); // cached for this invocation, so that a rotated one is seen by the next
  const clock = systemClock;
  const source = httpSource({ ...invocation, secrets, clock, sessions, transports, random: Math.random });
  const deps = { ...invocation, records, streams, source, secrets, clock, openCsvFile, times };
  return extractSlice(input, deps);
});
