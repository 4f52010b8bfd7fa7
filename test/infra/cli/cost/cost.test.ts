import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../../infra/cli/arguments.ts';
import { type CostedDeployment, readWorkgroupCapacity } from '../../../../infra/cli/cost/open-costed.ts';
import { PART_NAMES } from '../../../../infra/cli/cost/parts.ts';
import { showCost } from '../../../../infra/cli/cost/show-cost.ts';
import { ServiceRefused, ServiceUnavailable } from '../../../../shared/errors.ts';
import { fakeIo } from '../fake-io.ts';
import { costedBatches, ROWS, submissionKey } from './costed-batches.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-cost-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = async (deployment: CostedDeployment, ...words: string[]) => {
  const io = fakeIo({ cwd: folder });
  const line = parseCommandLine(['cost', ...words]);
  if (line.kind !== 'verb') throw new Error(line.kind);
  const status = await showCost(line, io, async () => deployment);
  return { status, out: io.out(), err: io.err() };
};

const asJson = async (deployment: CostedDeployment, ...words: string[]) =>
  JSON.parse((await run(deployment, ...words, '--json')).out);

/** The fake process's clock stands at 2026-01-15 08:01. */
const FIRST = 'w-20260113T080000000Z';
const SECOND = 'w-20260114T080000000Z';

/** Of one batch, by hand: traced-batch.ts has the times. */
const BY_HAND = {
  executions: 3,
  // 5.5 s, 1.0 s and 0.5 s of 64 MB
  executionGbSeconds: 7 / 16,
  invocations: 8,
  // 900 + 2,900 ms of ExtractSlice, and 2,400 ms of the seven others
  lambdaGbSeconds: 3.8 * (1769 / 1024) + 2.4 * 0.5,
  s3Writes: 2,
  s3Reads: 0,
  storageGbMonths: 0,
  logGb: (3 * 4096 + 8 * (8192 + 1024)) / 2 ** 30,
  traces: 3,
  // 10 s from the submission until it was settled are billed as a minute
  rpuHours: (8 * 60) / 3600,
};

describe('cost', () => {
  it('prices what one batch used, as by hand', async () => {
    const { feeds, all } = await asJson(costedBatches([FIRST]).deployment);
    const [items] = feeds;
    for (const [name, amount] of Object.entries(BY_HAND))
      expect(items.amounts[name], name).toBeCloseTo(amount, 9);
    // 48 hours and a minute of 30 days: one metric of the feed, ten of the deployment
    expect(items.amounts.metricMonths).toBeCloseTo(11 * (48 / 720), 3);
    const { parts } = items;
    expect(parts.redshift).toBeCloseTo(0.05, 9);
    expect(parts.lambda).toBeCloseTo((8 * 0.2) / 1e6 + BY_HAND.lambdaGbSeconds * 0.0000133334, 9);
    expect(parts.stepFunctions).toBeCloseTo(3 / 1e6 + (7 / 16) * 0.00001667, 9);
    expect(parts.s3).toBeCloseTo((2 * 0.005) / 1000, 9);
    expect(items).toMatchObject({ feed: 'items', batches: 1, loads: 1, wakeUps: 1, rows: ROWS, missing: [] });
    expect(items.perMillionRows).toBeCloseTo(items.usd * (1_000_000 / ROWS), 6);
    expect(items.month).toBeCloseTo(items.usd * 15, 1);
    expect(all.usd).toBeCloseTo(items.usd, 12);
  });

  it('adds its parts up to the whole, and twice the batches to twice the amounts', async () => {
    const day = fc.integer({ min: 9, max: 13 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(day, { minLength: 1, maxLength: 4 }), async (days) => {
        const at = (hour: string) => days.map((n) => `w-202601${String(n).padStart(2, '0')}T${hour}0000000Z`);
        const [once, twice] = await Promise.all(
          [at('08'), [...at('08'), ...at('16')].sort()].map((names) =>
            asJson(costedBatches(names).deployment),
          ),
        );
        for (const { parts, usd } of [once.all, twice.all]) {
          const sum = PART_NAMES.reduce((total, part) => total + parts[part], 0);
          expect(sum).toBeCloseTo(usd, 12);
        }
        for (const name of Object.keys(BY_HAND))
          expect(twice.all.amounts[name], name).toBeCloseTo(2 * once.all.amounts[name], 9);
        expect(twice.all.rows).toBe(2 * once.all.rows);
      }),
      { numRuns: 15 },
    );
  });

  it('times a statement as the warehouse does, where its trace is kept', async () => {
    const { deployment, entries, traces } = costedBatches([FIRST]);
    // The statement of the trace was asked for 6.9 s after the batch began.
    const key = submissionKey('2026/01/13', 1);
    const submission = { ...JSON.parse(entries.get(key) ?? ''), submittedAt: '2026-01-13T08:00:06.000Z' };
    entries.set(key, JSON.stringify(submission));
    for (const [id, documents] of traces)
      traces.set(
        id,
        documents.map((one) =>
          one.annotations?.warehouse_ended_ms === undefined
            ? one
            : {
                ...one,
                annotations: {
                  ...one.annotations,
                  warehouse_ended_ms: Date.parse('2026-01-13T08:02:06.900Z'),
                },
              },
        ),
      );
    const { all } = await asJson(deployment);
    expect(all.amounts.rpuHours).toBeCloseTo((8 * 120) / 3600, 9);
  });

  it('leaves out what no trace tells any more, and says of how much', async () => {
    const { deployment, traces } = costedBatches([FIRST, SECOND]);
    for (const id of [...traces.keys()].slice(0, 3)) traces.delete(id);
    const { feeds } = await asJson(deployment);
    expect(feeds[0]).toMatchObject({ batches: 2, rows: 2 * ROWS, wakeUps: 2 });
    expect(feeds[0].amounts.executions).toBe(3);
    expect(feeds[0].missing).toEqual([
      'the traces of 3 of 6 executions are not kept: what they used of Lambda, Step Functions, S3, logs and X-Ray is left out',
    ]);
  });

  it('shares a wake-up and the deployment between feeds, and tells of one alone what it tells of it beside others', async () => {
    const { deployment, entries } = costedBatches([FIRST]);
    for (const [key, text] of [...entries])
      entries.set(key.replace('/items/', '/others/'), text.replaceAll('"feed":"items"', '"feed":"others"'));
    const { feeds, all } = await asJson(deployment);
    expect(feeds.map(({ feed }: { feed: string }) => feed)).toEqual(['items', 'others']);
    expect(feeds[0].parts.redshift).toBeCloseTo(0.025, 9);
    expect(all.parts.redshift).toBeCloseTo(0.05, 9);
    expect(all.amounts.dashboardMonths).toBeCloseTo(48 / 720, 3);
    const alone = await asJson(deployment, 'others');
    expect(alone.feeds).toHaveLength(1);
    // The fake clock has moved on by less than a second.
    for (const [name, amount] of Object.entries(alone.feeds[0].amounts))
      expect(amount, name).toBeCloseTo(feeds[1].amounts[name], 5);
  });

  it('tells nothing of before the time that was asked for', async () => {
    const { deployment } = costedBatches([FIRST, SECOND]);
    expect((await asJson(deployment, '--since', '30h')).all.batches).toBe(1);
    expect((await run(deployment, '--since', '1h')).out).toMatch(/: nothing ran\n$/);
  });

  it('projects no month of less than a day', async () => {
    const { out } = await run(costedBatches(['w-20260115T070000000Z']).deployment);
    expect(out).toContain('no month is projected of items: less than a day ran');
  });

  it('counts no warehouse of which it does not know what it is billed by, and takes --rpu', async () => {
    const { deployment } = costedBatches([FIRST]);
    const blind = { ...deployment, readCapacity: async () => ({ why: 'it is a cluster' }) };
    const { out } = await run(blind);
    expect(out).toContain('Redshift is not in it: it is a cluster');
    expect((await asJson(blind)).all.parts.redshift).toBe(0);
    expect((await asJson(blind, '--rpu', '4')).all.parts.redshift).toBeCloseTo(0.025, 9);
    await expect(run(blind, '--rpu', '0.5')).rejects.toThrow(
      '--rpu 0.5: allowed a whole number of RPU, as 8',
    );
  });

  it('says the largest part of a feed, what makes it smaller, and that a local run has no bill', async () => {
    const { status, out } = await run({ ...costedBatches([FIRST]).deployment, isLocal: true }, 'items');
    expect(status).toBe(0);
    expect(out).toContain('Metrics, alarms is the largest part of items (92%). What makes it smaller: fewer');
    for (const line of out.split('\n').slice(0, 14)) expect(line).not.toMatch(/^… and/);
    expect(out).toContain('Durations are those of this machine, not of AWS');
  });

  it('says what loads by the hour would have cost, where that is less', async () => {
    const names = ['00', '15', '30'].map((minute) => `w-20260114T08${minute}00000Z`);
    expect((await run(costedBatches(names).deployment)).out).toContain(
      'By the hour (load.every: 1h) all loads would have been 1 wake-up, 0.050000 USD, instead of 3, 0.15 USD\n',
    );
    expect((await run(costedBatches([FIRST]).deployment)).out).not.toContain('By the hour');
  });

  it('takes prices of a file, for as many units as its own', async () => {
    writeFileSync(join(folder, 'own.json'), '{ "rpuHours": 0.75, "executions": 2 }');
    const { deployment } = costedBatches([FIRST]);
    const { all, prices } = await asJson(deployment, '--prices', 'own.json');
    expect(all.parts.redshift).toBeCloseTo(0.1, 9);
    expect(prices.executions).toMatchObject({ usd: 2, per: 1_000_000 });
    writeFileSync(join(folder, 'typo.json'), '{ "rpuHour": 0.75 }');
    await expect(run(deployment, '--prices', 'typo.json')).rejects.toThrow(
      '--prices typo.json: unknown price rpuHour, did you mean rpuHours?',
    );
    writeFileSync(join(folder, 'bad.json'), '{ "rpuHours": -1 }');
    await expect(run(deployment, '--prices', 'bad.json')).rejects.toThrow('allowed a JSON object of prices');
    await expect(run(deployment, '--prices', 'none.json')).rejects.toThrow('none.json is not there');
  });

  it('names the nearest feed', async () => {
    await expect(run(costedBatches([FIRST]).deployment, 'item')).rejects.toThrow('did you mean items?');
  });
});

describe('the capacity of a workgroup', () => {
  it('is asked of Redshift Serverless', async () => {
    const calls: unknown[] = [];
    const capacity = await readWorkgroupCapacity('dwh', async (call) => {
      calls.push(call);
      return { workgroup: { baseCapacity: 16, status: 'AVAILABLE' } };
    });
    expect(capacity).toEqual({ rpu: 16 });
    expect(calls).toEqual([
      {
        ...{ service: 'redshift-serverless', path: '/', target: 'RedshiftServerless.GetWorkgroup' },
        input: { workgroupName: 'dwh' },
      },
    ]);
  });

  it('is unknown to who may not ask, and where it has none', async () => {
    const refuse = async () => Promise.reject(new ServiceRefused('not authorized'));
    expect(await readWorkgroupCapacity('dwh', refuse)).toEqual({
      why: 'the base capacity could not be read, give it with --rpu N: not authorized',
    });
    expect(await readWorkgroupCapacity('dwh', async () => ({ workgroup: {} }))).toEqual({
      why: 'workgroup dwh has no base capacity; give it with --rpu N',
    });
    const fail = async () => Promise.reject(new ServiceUnavailable('throttled'));
    await expect(readWorkgroupCapacity('dwh', fail)).rejects.toThrow('throttled');
  });
});
