import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toNextStep } from '../../../infra/cli/next-step.ts';

const RUNBOOK = readFileSync('docs/runbook.md', 'utf8');
const failure = (state: string, error = 'E', feed = 'items') => ({
  feed,
  batch: '',
  state,
  error,
  message: '',
});

test.each(['ExtractSlice', 'PlanBatch', 'SubmitLoad', 'PlanLoad', 'Load'])(
  'a failed %s leads to a heading that there is',
  (state) => {
    const [, heading] = /docs\/runbook\.md, (\w+), /.exec(toNextStep([failure(state)])) ?? [];
    expect(RUNBOOK).toContain(`\n## ${heading}\n`);
    expect(heading).toBe(state.includes('Load') ? 'LoadFailed' : 'ExtractFailed');
  },
);

test('the command names each feed that failed once', () => {
  const step = toNextStep([failure('PlanBatch'), failure('PlanLoad'), failure('PlanBatch', 'E', 'other')]);
  expect(step).toContain('ExtractFailed and LoadFailed');
  expect(step).toMatch(/then millrace run --feed items --feed other --once$/);
});

test('what only waits for its load needs nothing but another run', () => {
  expect(toNextStep([failure('Load', 'NotLoaded')])).toBe(
    'next: millrace run --feed items --once loads what is sealed',
  );
});
