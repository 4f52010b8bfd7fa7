import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MONITORING } from '../../../../infra/cli/cost/collect-use.ts';
import { PARTS } from '../../../../infra/cli/cost/parts.ts';
import { AMOUNT_NAMES, PRICES } from '../../../../infra/cli/cost/prices.ts';
import { memoryMibOf } from '../../../../infra/function-memory.ts';
import { synthesized } from '../../synthesized.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '../../../..'), 'docs/cost.md'), 'utf8');

describe('the prices', () => {
  it('stand each in one part', () => {
    const all: readonly string[] = Object.values(PARTS).flatMap(({ amounts }) => [...amounts]);
    expect([...all].sort()).toEqual([...AMOUNT_NAMES].sort());
  });

  it('stand in docs/cost.md, with units and pages', () => {
    for (const name of AMOUNT_NAMES) {
      const { usd, per, unit, page: url } = PRICES[name];
      expect(page).toContain(`| \`${name}\` | ${usd} | ${per.toLocaleString('en-US')} ${unit} | [`);
      expect(page).toContain(`](${url})`);
    }
    for (const { name } of Object.values(PARTS)) expect(page).toContain(`| ${name} |`);
    expect(page).toContain(`as of ${PRICES.rpuHours.asOf}.`);
  });
});

describe('what a deployment costs whatever runs', () => {
  const { pipeline } = synthesized({});
  const resources = (type: string): readonly Properties[] =>
    Object.values(pipeline.findResources(type)).map(({ Properties: of }) => of);

  it('is what its template has', () => {
    expect(resources('AWS::CloudWatch::Dashboard')).toHaveLength(MONITORING.dashboards);
    const metrics = resources('AWS::CloudWatch::Alarm').map(
      ({ Metrics }) => Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1,
    );
    expect(metrics.reduce((sum, n) => sum + n)).toBe(MONITORING.alarmMetrics);
  });

  it('has functions of the memory that the arithmetic takes', () => {
    const functions = Object.entries(pipeline.findResources('AWS::Lambda::Function'));
    const states = functions.flatMap(([id, { Properties: of }]) => {
      const [, state] = /^Functions([A-Z]\w+?)Function/.exec(id) ?? [];
      return state === undefined ? [] : [[state, of.MemorySize] as const];
    });
    expect(states.length).toBeGreaterThan(9);
    for (const [state, memory] of states) expect(memory, state).toBe(memoryMibOf(state));
  });
});

interface Properties {
  readonly Metrics?: readonly { readonly MetricStat?: unknown }[];
}
