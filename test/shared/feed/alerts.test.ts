import { expect, test } from 'vitest';
import { hashDefinition } from '../../../shared/model/canonical.ts';
import { feedOf, TABLES } from '../../handlers/extract/world.ts';
import { edit, problemsOf, WORK_ITEMS } from './sample.ts';

const alerting = (alerts: string) => edit(WORK_ITEMS, 'paused: false', `alerts: ${alerts}`);

test.each([
  ['{ staleAfter: 1h }', []],
  ['{ staleAfter: soon }', ["42:23: alerts.staleAfter: got 'soon', allowed a duration such as 60s 5m 2h 7d"]],
  ['{ staleAfter: 10s }', ['42:23: alerts.staleAfter: got 10s, allowed 5m to 999d']],
  ['{ staleBefore: 1h }', ['42:11: alerts.staleBefore: unknown key, allowed staleAfter']],
])('alerts: %s', (alerts, expected) => {
  expect(problemsOf(alerting(alerts))).toEqual(expected);
});

test('another age reads no batch anew', () => {
  const drops = (extra = '') => feedOf('drops', `source: { s3: {} }\n${extra}${TABLES}`);
  const nightly = drops('alerts: { staleAfter: 30h }\n');
  expect(nightly.alerts).toEqual({ staleAfterMs: 30 * 3_600_000 });
  expect(hashDefinition(nightly, undefined)).toBe(hashDefinition(drops(), undefined));
});
