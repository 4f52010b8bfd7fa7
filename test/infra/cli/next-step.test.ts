import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toNextStep } from '../../../infra/cli/next-step.ts';
import { toArguments } from './start-run.ts';

const NONE = toArguments('--once');
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
    const [, heading] = /docs\/runbook\.md, (\w+), /.exec(toNextStep([failure(state)], NONE)) ?? [];
    expect(RUNBOOK).toContain(`\n## ${heading}\n`);
    expect(heading).toBe(state.includes('Load') ? 'LoadFailed' : 'ExtractFailed');
  },
);

/** The part of the runbook under a heading. */
const sectionOf = (heading = ''): string =>
  RUNBOOK.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';

test.each([
  ['DescribeLoad', 'LoadDataRefused'],
  ['DescribeLoad', 'LoadRefused'],
  ['DescribeLoad', 'LoadTriesExhausted'],
  ['DescribeLoad', 'TooManyDeleted'],
  ['Load', 'LoadDataRefused'],
  ['PrepareWarehouse', 'WarehouseRefused'],
  ['PrepareWarehouse', 'WarehouseUnready'],
  ['PrepareWarehouse', 'ServiceRefused'],
  ['PrepareWarehouse', 'TargetChanged'],
  ['PlanLoad', 'RecordTooNew'],
  ['PlanLoad', 'InvalidInput'],
  ['ExtractSlice', 'SliceStuck'],
  ['PlanWindow', 'BatchParked'],
])('a %s that failed by %s leads to the heading where that word stands', (state, error) => {
  const [, heading] = /docs\/runbook\.md, (\w+), /.exec(toNextStep([failure(state, error)], NONE)) ?? [];
  expect(sectionOf(heading)).toContain(`\`${error}\``);
});

test('a batch that is parked is redriven, or its file is dropped again', () => {
  const parked = (batch: string, error: string, message: string) => ({
    ...failure('Load', error),
    ...{ batch, parked: { atMs: 0, batch, state: 'Load', error, message } },
  });
  const explained = 'next: docs/runbook.md, SettleLoadFailed, says what each error asks for';
  const ofTable = parked('f-1', 'LoadDataRefused', 'value too long for type character varying(5)');
  expect(toNextStep([ofTable], NONE)).toBe(
    `${explained}; mend the table in the warehouse; then npx millrace redrive items f-1`,
  );
  expect(toNextStep([ofTable, { ...ofTable, ...parked('f-2', 'LoadRefused', 'what') }], NONE)).toMatch(
    /; then npx millrace redrive items; mend what the message names; then npx millrace redrive items$/,
  );
  const ofFile = parked('f-1', 'LoadDataRefused', "Load into table 'x' failed.");
  expect(toNextStep([ofFile], NONE)).toBe(
    `${explained}; mend the file; land it again under its name: npx millrace run --file items=FILE --once; or bring back the part file that the message names; then npx millrace redrive items f-1`,
  );
  expect(toNextStep([failure('Load', 'BatchParked')], NONE)).toBe(
    `${explained}; then npx millrace redrive items`,
  );
});

/** A landed file that could not be read, and its batch. */
const unread = (name: string, error = 'XmlMalformed') => {
  const batch = `f-${name}`;
  const parked = { atMs: 0, batch, state: 'ExtractSlice', error, message: 'cut' };
  return { ...failure('ExtractSlice', error, 'charsets'), batch, landed: `landing/charsets/${name}`, parked };
};

test('a file that could not be read is mended and landed again, or its feed is mended: one answer', () => {
  const args = toArguments('--file charsets=in/Index.xml --data d --once');
  expect(toNextStep([unread('Index.xml')], args)).toBe(
    'next: docs/runbook.md, ExtractFailed, says what each error asks for; mend the file; land it again under its name: npx millrace run --file charsets=in/Index.xml --data d --once; or mend the feed; then npx millrace redrive charsets f-Index.xml --data d',
  );
});

test('of several files one command lands all that failed', () => {
  const args = toArguments('--file charsets=a.xml --file charsets=b.xml --file charsets=c.xml --once');
  expect(toNextStep([unread('a.xml'), unread('c.xml')], args)).toBe(
    'next: docs/runbook.md, ExtractFailed, says what each error asks for; mend the file; land it again under its name: npx millrace run --file charsets=a.xml --file charsets=c.xml --once; or mend the feed; then npx millrace redrive charsets',
  );
});

test('a file whose rows failed their batch shows them, and is mended itself or its feed is', () => {
  const args = toArguments('--file charsets=Index.xml --once');
  expect(toNextStep([unread('Index.xml', 'TooManyRejects')], args)).toBe(
    'next: docs/runbook.md, ExtractFailed, says what each error asks for; then npx millrace rejects charsets --batch f-Index.xml; mend the feed; then npx millrace redrive charsets f-Index.xml; or where the file is wrong, mend it; land it again under its name: npx millrace run --file charsets=Index.xml --once',
  );
});

test('a window that is parked is redriven where it is, and the others run again', () => {
  const args = toArguments('--once --data d');
  expect(toNextStep([failure('PlanBatch', 'BatchParked'), failure('PlanBatch', 'E', 'other')], args)).toMatch(
    /; then npx millrace redrive items --data d; then npx millrace run --feed other --data d --once$/,
  );
});

test.each(['TooManyDeleted', 'LoadTriesExhausted', 'RecordTooNew'])(
  'after %s nothing is redriven',
  (error) => {
    expect(toNextStep([failure('DescribeLoad', error)], NONE)).not.toContain('millrace redrive');
  },
);

test('the command names each feed that failed once', () => {
  const step = toNextStep(
    [failure('PlanBatch'), failure('PlanLoad'), failure('PlanBatch', 'E', 'other')],
    NONE,
  );
  expect(step).toContain('ExtractFailed and LoadFailed');
  expect(step).toMatch(/then npx millrace run --feed items --feed other --once$/);
});

test('rows that failed their batch are shown by another command', () => {
  const args = toArguments('--once --data d');
  expect(toNextStep([failure('SealBatch', 'TooManyRejects')], args)).toBe(
    'next: npx millrace rejects items --data d shows the rows; docs/runbook.md, ExtractFailed, says what each error asks for; mend the feed; then npx millrace run --feed items --data d --once',
  );
});

test('what only waits for its load needs nothing but another run', () => {
  expect(toNextStep([failure('Load', 'NotLoaded')], NONE)).toBe(
    'next: npx millrace run --feed items --once loads what is sealed',
  );
});

test('the command lands again the files of each feed that failed, and finds feeds, data and secrets where they were', () => {
  const args = toArguments(
    '--file items=in/a.xml --file items=in/b$.xml --file other=c.xml --feeds f --data d --secrets s.json',
  );
  expect(toNextStep([failure('ExtractSlice'), failure('PlanBatch', 'E', 'http')], args)).toMatch(
    /then npx millrace run --feed http --file items=in\/a\.xml --file 'items=in\/b\$\.xml' --feeds f --data d --secrets s\.json --once$/,
  );
  expect(toNextStep([failure('Load', 'NotLoaded')], args)).toBe(
    'next: npx millrace run --feed items --feeds f --data d --secrets s.json --once loads what is sealed',
  );
});
