import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findBatchTraces } from '../../handlers/operate/find-batch-traces.ts';
import { toLanes } from '../../infra/cli/trace/lanes.ts';
import { isStep } from '../../infra/cli/trace/tiles.ts';
import { readWaterfall } from '../../infra/cli/trace/waterfall.ts';
import type { Segment } from '../../infra/local/xray/segment.ts';
import { openTraceStore } from '../../infra/local/xray/trace-store.ts';
import { buildTrace, type TraceNode, walkTrace } from '../../infra/local/xray/trace-tree.ts';
import { landingOf } from '../../shared/model/landing.ts';
import { openRoad, openSite, type Road, type Site } from './support/road.ts';

/** What the local cloud kept of the real functions' segments: of a feed of pages, and of a landed file that breaks off. */

const WINDOW = 'w-20251201T000000000Z';
/** The X-Ray SDK counts in whole milliseconds, phases in parts of one. */
const MOMENT_MS = 2;

let site: Site;
let road: Road;
let traces: ReadonlyMap<string, readonly Segment[]>;
let nodes: readonly TraceNode[];

beforeAll(async () => {
  site = await openSite({ shared: inject('sharedFolder'), seed: 5, items: 60, pageSize: 20 });
  const broken = join(site.assembly, 'broken.xml');
  await writeFile(broken, '<inspections><inspection id="1"></inspections>');
  road = await openRoad(site);
  const landing = landingOf('inspections', { kind: 's3', suffixes: ['.xml'] });
  await road.run(new Date(site.jazz.now()), [{ feed: 'inspections', path: broken, landing }]);
  const store = openTraceStore(join(site.data, 'traces'));
  traces = new Map(store.list().map((id) => [id, store.read(id)]));
  nodes = [...traces.values()].flatMap((documents) => buildTrace(documents).flatMap(walkTrace));
}, 300_000);
afterAll(async () => {
  await road.close();
  await site.close();
});

const endOf = ({ startMs, endMs = startMs }: TraceNode): number => endMs;
const steps = () => nodes.filter(isStep);
const isPhase = ({ document }: TraceNode): boolean => document.namespace === undefined;

describe('the segments that the local cloud kept', () => {
  it('have ids of X-Ray, each once, and parents that are there and were under way', () => {
    expect(traces.size).toBeGreaterThan(3);
    for (const [trace, documents] of traces) {
      const flat = buildTrace(documents).flatMap(walkTrace);
      const ids = flat.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
      const roots = buildTrace(documents);
      expect(
        roots.map(({ document }) => document.origin),
        trace,
      ).toEqual(['AWS::StepFunctions::StateMachine']);
    }
    for (const parent of nodes)
      for (const child of parent.children) {
        expect(child.startMs).toBeGreaterThanOrEqual(parent.startMs - MOMENT_MS);
        expect(endOf(child)).toBeLessThanOrEqual(endOf(parent) + MOMENT_MS);
      }
  });

  it('tile each step by its phases, one after the other from its start to its end, of the step that failed too', () => {
    expect(steps().some(({ isFailed }) => isFailed)).toBe(true);
    expect(steps().some(({ isFailed }) => !isFailed)).toBe(true);
    for (const step of steps()) {
      const phases = step.children.filter(isPhase);
      expect(phases.length).toBeGreaterThan(1);
      let at = step.startMs;
      for (const phase of phases) {
        expect(phase.startMs).toBe(at);
        at = endOf(phase);
      }
      expect(at).toBe(endOf(step));
    }
    const names = new Set(
      steps().flatMap(({ children }) => children.filter(isPhase).map(({ name }) => name)),
    );
    for (const name of ['wait for headers', 'read', 'parse', 'upload', 'publish'])
      expect(names).toContain(name);
  });

  it('cover every moment of a state that calls a function once, from its start to its end', () => {
    const lanes = [...traces.values()].flatMap((documents) =>
      toLanes('', documents).flatMap((one) => one.lanes),
    );
    expect(lanes.length).toBeGreaterThan(8);
    for (const { parts, startMs, endMs } of lanes) {
      let at = startMs;
      for (const part of parts) {
        expect(part.startMs).toBe(at);
        expect(part.endMs).toBeGreaterThan(part.startMs);
        at = part.endMs;
      }
      expect(at).toBe(endMs);
    }
  });

  it('name feed, batch or load, and correlation in the trace of every function', () => {
    const functions = nodes.filter(({ name }) => name.startsWith('## '));
    expect(functions.length).toBeGreaterThan(8);
    for (const { annotations } of functions) {
      expect(annotations.feed).toMatch(/^(work_items|inspections)$/);
      expect(annotations.batch ?? annotations.load ?? 'idle').toBeTypeOf('string');
    }
    const worked = functions.filter(
      ({ annotations: { batch, load } }) => batch !== undefined || load !== undefined,
    );
    expect(worked.length).toBeGreaterThan(8);
    // A PlanLoad that finds nothing to load is of no chain.
    const ofChain = worked.filter(
      ({ annotations: { load, slice } }) => load !== undefined || slice !== undefined,
    );
    for (const { annotations } of ofChain) expect(annotations.correlation).toBeTypeOf('string');
  });

  it('show the calls of S3 and the Data API as subsegments with their operation', () => {
    const calls = nodes.filter(({ document }) => document.namespace === 'aws');
    const names = new Set(calls.map(({ name }) => name));
    for (const name of ['S3', 'Redshift Data', 'Secrets Manager']) expect(names).toContain(name);
    expect(JSON.stringify(calls.map(({ document }) => document.aws))).toContain('BatchExecuteStatement');
  });
});

describe('the filter expressions of the runbook', () => {
  it('ask for annotations that there are', async () => {
    const runbook = await readFile('docs/runbook.md', 'utf8');
    const asked = new Set([...runbook.matchAll(/annotation\.(\w+)/g)].map(([, key]) => key ?? ''));
    expect(asked).toContain('batch');
    for (const key of asked)
      expect(
        nodes.some(({ annotations }) => annotations[key] !== undefined),
        key,
      ).toBe(true);
  });

  const found = (key: string, value: string): readonly string[] =>
    [...traces].flatMap(([id, documents]) =>
      buildTrace(documents)
        .flatMap(walkTrace)
        .some(({ annotations }) => annotations[key] === value)
        ? id
        : [],
    );
  const machinesOf = (ids: readonly string[]): readonly (string | undefined)[] =>
    ids.map((id) => /SettleLoad|Extract|Load/.exec(buildTrace(traces.get(id) ?? [])[0]?.name ?? '')?.[0]);

  it('find by annotation.batch the execution that read it and the one that planned its load', () => {
    expect(new Set(machinesOf(found('batch', WINDOW)))).toEqual(new Set(['Extract', 'Load']));
  });

  it('find by annotation.load the executions of Load and SettleLoad', () => {
    const load = nodes.flatMap(({ annotations }) => annotations.load ?? [])[0];
    expect(new Set(machinesOf(found('load', String(load))))).toEqual(new Set(['Load', 'SettleLoad']));
  });

  it('find by annotation.feed all of a feed', () => {
    const all = found('feed', 'work_items');
    expect(new Set(machinesOf(all))).toEqual(new Set(['Extract', 'Load', 'SettleLoad']));
    expect(all).toEqual(expect.arrayContaining([...found('batch', WINDOW)]));
  });
});

describe("a batch's records", () => {
  it('lead to the traces of its Extract, Load and SettleLoad, and those to the time of its statement', async () => {
    const found = await findBatchTraces('work_items', WINDOW, road.session.deployment.records);
    expect(found?.state).toBe('loaded');
    const { Extract = [], Load = [], SettleLoad = [] } = found?.traces ?? {};
    expect([Extract.length, Load.length, SettleLoad.length]).toEqual([1, 1, 1]);
    if (found === undefined) throw new Error('no plan of the window');
    const waterfall = await readWaterfall(found, async (ids) => ids.map((id) => traces.get(id) ?? []));
    expect(waterfall.missing).toEqual([]);
    expect(waterfall.executions.map(({ machine }) => machine)).toEqual(['Extract', 'Load', 'SettleLoad']);
    const statement = waterfall.lanes.find(({ machine }) => machine === 'warehouse');
    const submitted = waterfall.lanes.find(({ state }) => state === 'SubmitLoad');
    expect(statement?.startMs).toBeGreaterThanOrEqual(submitted?.startMs ?? Number.POSITIVE_INFINITY);
    expect(statement?.isFailed).toBe(false);
  });

  it('lead to the trace of what failed, where the batch was parked', async () => {
    const { records } = road.session.deployment;
    const [folder = ''] = (await records.list('plans/inspections/', '/')).folders;
    const found = await findBatchTraces('inspections', folder.split('/')[2] ?? '', records);
    expect(found?.state).toBe('parked');
    const documents = found?.traces.Extract.map((id) => traces.get(id) ?? []) ?? [];
    expect(documents.flatMap((one) => toLanes('Extract', one)).some(({ isFailed }) => isFailed)).toBe(true);
  });
});
