import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, expect, it } from 'vitest';
import { buildApp } from '../../../../infra/build-app.ts';
import { readAssembly } from '../../../../infra/local/assembly/assembly.ts';
import { FEATURE_FLAGS, readSettings } from '../../../../infra/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-topics-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a deployment with a topic, alarms and a dashboard runs on one machine, whose terminal has the messages', async () => {
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle);
  const topic = { 'millrace:alarmTopicArn': 'arn:aws:sns:eu-central-1:123456789012:alarms' };
  const app = new App({ outdir: join(folder, 'cdk.out'), context: { ...FEATURE_FLAGS, ...topic } });
  buildApp(app, readSettings(app.node), {}, () => bundle);
  app.synth();
  const { rules, inert } = await readAssembly(join(folder, 'cdk.out'));
  expect(rules.find(({ name }) => name.includes('Attention'))?.targets).toEqual([]);
  expect(inert.filter((place) => place.startsWith('AWS::CloudWatch::Dashboard'))).toHaveLength(1);
});
