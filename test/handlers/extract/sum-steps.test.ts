import { describe, expect, it } from 'vitest';
import { findUnfit, sumSteps, warningsOf } from '../../../handlers/extract/sum-steps.ts';
import type { PlanRecord, StepRecord } from '../../../shared/state/records.ts';
import { stepRecord } from '../../../shared/state/records.ts';
import { column, contractOf, table } from '../../shared/xml/documents.ts';
import { itemsFeed } from './world.ts';

const CONTRACT = contractOf([table('a', '/r/a', [column('x')]), table('b', '/r/b', [column('x')])]);

const FEED = { ...itemsFeed(), contract: CONTRACT };

const PLAN: PlanRecord = {
  feed: 'items',
  batch: 'w-1',
  invocation: '1',
  date: '2026/11/01',
  observed: '2026-11-01T00:00:00.000Z',
  definition: itemsFeed(),
  slices: [],
};

const step = (rows: Readonly<Record<string, number>>, more: Partial<StepRecord> = {}): StepRecord =>
  stepRecord.parse({
    invocation: '1',
    at: '2026-11-01T00:00:00.000Z',
    tables: Object.fromEntries(Object.entries(rows).map(([name, n]) => [name, { rows: n, parts: [] }])),
    records: 1,
    outside: 0,
    rejects: { rows: 0, parts: [] },
    bytes: 1,
    pages: 1,
    firstRejects: [],
    matched: [],
    continuation: null,
    ...more,
  });

const rejecting = (rows: Readonly<Record<string, number>>): StepRecord =>
  step(rows, {
    rejects: { rows: 1, parts: [] },
    rejected: { 's.b': 1 },
    firstRejects: ['s.a at p line 1', 's.b at p line 2: x <- x: why'],
    matched: ['s.a', 's.b'],
  });

describe('a batch of several steps', () => {
  it('is unfit where a table rejected rows in some and kept none in all', () => {
    const sum = sumSteps(CONTRACT, [rejecting({ 's.a': 100 }), step({ 's.a': 5, 's.b': 0 })]);
    expect(findUnfit(PLAN, sum)?.message).toMatch(
      /^w-1 has table s.b with 1 reject and no row kept, .*; first: s.b at p line 2: x <- x: why$/,
    );
  });

  it('says what stands where the path of a required column led nowhere, of the table that lost its rows alone', () => {
    const lost = {
      rejects: { rows: 1, parts: [] },
      rejected: { 's.b': 1 },
      rejectedBy: ['s.b.x'],
      firstRejects: ['s.b at p line 2: x <- x: a value is required'],
      matched: ['s.a', 's.b'],
      nearest: { 's.b.x': 'X', 's.a.x': 'y' },
    };
    const sum = sumSteps(CONTRACT, [step({ 's.a': 1, 's.b': 0 }, lost)]);
    const required = contractOf([table('b', '/r/b', [column('x', 'x', { required: true })])]);
    const plan = { ...PLAN, definition: { ...PLAN.definition, contract: required } };
    expect(findUnfit(plan, sum)?.message).toBe(
      'w-1 has table s.b with 1 reject and no row kept, allowed at least one row: mend the path, type or format of the column that is named; first: s.b at p line 2: x <- x: a value is required; column s.b.x: path x matched nothing in the batch; the nearest there is X',
    );
    const optional = { ...PLAN, definition: { ...PLAN.definition, contract: CONTRACT } };
    expect(findUnfit(optional, sum)?.message).toContain('or write onError: setNull there; first: ');
  });

  it('counts the rows that were outside the window, where rejects failed it', () => {
    const [first] = CONTRACT.tables;
    const one = { ...CONTRACT, tables: first === undefined ? [] : [first], cursor: 's.a.x' };
    const bad = (kept: number, rejects: number, outside: number) =>
      step(
        { 's.a': kept },
        { outside, rejects: { rows: rejects, parts: [] }, rejected: { 's.a': rejects }, matched: ['s.a'] },
      );
    const told = (contract: typeof CONTRACT, ...of: Parameters<typeof bad>) => {
      const rejects = { count: 0, percent: 0 };
      const plan = { ...PLAN, definition: { ...PLAN.definition, contract, rejects } };
      return findUnfit(plan, sumSteps(contract, [bad(...of)]))?.message;
    };
    expect(told(one, 0, 1, 11)).toMatch(
      /^w-1 has table s.a with 1 reject and no row kept, .*; 11 rows were outside the window by s\.a\.x, and dropped; first: /,
    );
    expect(told(one, 1, 1, 1)).toMatch(
      /^w-1 has 1 reject, 50% of its rows, .*; 1 row was outside the window by s\.a\.x, and dropped; first: /,
    );
    expect(told({ ...CONTRACT, cursor: 's.a.x' }, 0, 1, 2)).toContain('; 2 rows of s.a were outside the');
    expect(told(one, 0, 1, 0)).not.toContain('outside');
  });

  it('is fit where another step kept a row of the table', () => {
    const sum = sumSteps(CONTRACT, [rejecting({ 's.a': 100 }), step({ 's.b': 1 })]);
    expect(findUnfit(PLAN, sum)).toBeUndefined();
  });

  it('tells of the child rows that went with rejected rows, which are no rejects', () => {
    const rejected = { rejects: { rows: 1, parts: [] }, rejected: { 's.a': 1 }, matched: ['s.a.x'] };
    const steps = [step({ 's.a': 1 }, { ...rejected, orphans: 3 }), step({ 's.a': 1 }, { orphans: 1 })];
    const sum = sumSteps(CONTRACT, steps);
    expect(sum.content.rejects.rows).toBe(1);
    expect(warningsOf(FEED, sum)).toContain('4 child rows of rejected rows were left out');
  });

  it('claims nothing of what a step of before did not record', () => {
    const old = step({ 's.a': 1 }, { rejects: { rows: 1, parts: [] }, matched: ['s.a.x'] });
    const sum = sumSteps(CONTRACT, [old]);
    expect(findUnfit(PLAN, sum)).toBeUndefined();
    expect(warningsOf(FEED, sum)).toEqual(['1 row was rejected; first: ']);
  });

  it('names what matched nothing in all steps, with the nearest of any', () => {
    const first = step(
      { 's.a': 1 },
      { rejected: {}, matched: ['s.a'], nearest: { 's.a.x': 'y', 's.b': '/r/c' } },
    );
    const second = step({ 's.a': 1 }, { rejected: {}, matched: ['s.a'], nearest: {} });
    expect(warningsOf(FEED, sumSteps(CONTRACT, [first, second]))).toEqual([
      'column s.a.x: path x matched nothing in the batch; the nearest there is y',
      'table s.b: rows /r/b matched nothing in the batch; the nearest there is /r/c',
    ]);
  });
});
