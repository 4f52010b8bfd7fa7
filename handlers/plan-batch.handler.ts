import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { planBatchInput } from '../shared/state/messages.ts';
import { httpClock } from './adapters/http-clock.ts';
import { newHttpSessions } from './adapters/http-sessions.ts';
import { httpSource } from './adapters/http-source.ts';
import { newTransports } from './adapters/http-transport.ts';
import { s3ObjectStreams } from './adapters/s3-object-streams.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { secretsManager } from './adapters/secrets-manager.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { planBatch } from './extract/plan-batch.ts';
import { toStepTimes } from './extract/step-times.ts';
import { targetRules } from './extract/target-rules.ts';
import { readFeedsFile } from './feeds-file.ts';
import { toLambda, traced } from './lambda.ts';

const { BUCKET, STEP_SECONDS } = readConfig(['BUCKET', 'STEP_SECONDS']);
const times = toStepTimes(STEP_SECONDS);
const feeds = readFeedsFile();
const s3 = traced(new S3Client());
const records = s3RecordStore(s3, BUCKET);
const targets = targetRules(records);
const streams = s3ObjectStreams(s3, BUCKET);
const secretsClient = traced(new SecretsManagerClient());
const transports = newTransports();
const sessions = newHttpSessions(systemClock);

/** PlanBatch: decides which batch an execution works on. */
export const handler = toLambda(planBatchInput, (input, invocation) => {
  const secrets = secretsManager(secretsClient, invocation.redactor);
  const clock = systemClock;
  const onSource = { ...invocation, secrets, clock, sessions, transports, random: Math.random };
  const source = { ...httpSource(onSource), ...httpClock(onSource) };
  return planBatch(input, { ...invocation, feeds, records, targets, streams, source, secrets, clock, times });
});
