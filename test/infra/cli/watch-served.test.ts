import { describe, expect, it } from 'vitest';
import type { ExecutionRecord } from '../../../infra/local/local-cloud.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import type { ParkedRecord } from '../../../shared/state/records.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';
import { failedExecution, fakeWorld } from './fake-session.ts';
import { scheduled, startRun } from './start-run.ts';

const LOAD = 'loads/items/2026/01/15/00001';
const settling: ExecutionRecord = failedExecution({
  machine: 'SettleLoad',
  status: 'SUCCEEDED',
  input: JSON.stringify({
    source: 'aws.redshift-data',
    detail: { statementId: 's', statementName: 'millrace/items/2026/01/15/00001/1' },
  }),
});

/** A load of these batches that the ledger has; `outcome` is how it was settled. */
const load = (world: ReturnType<typeof fakeWorld>, batches: readonly string[], outcome = 'loaded'): void => {
  const record = {
    feed: 'items',
    load: 1,
    invocation: 'i',
    execution: 'e',
    contract: scheduled.contract,
    batches: batches.map((batch) => ({ batch, key: `batches/items/2026/01/15/${batch}.json`, seal: 'seal' })),
    plannedAt: '2026-01-15T08:00:00.000Z',
  };
  world.objects.set(`${LOAD}.json`, toRecordText(record));
  world.objects.set(`${LOAD}/settled.json`, toRecordText({ invocation: 'i', outcome, parked: [] }));
  world.ledger = batches.map((batch) => [batch, 'seal', 'ewm.items', 'k', '5', '1', '0', '3', '1', '0', '1']);
};

const parked: ParkedRecord = {
  feed: 'items',
  batch: 'w-1',
  invocation: 'a',
  state: 'Load',
  error: 'LoadDataRefused',
  message: 'numeric overflow',
  parkedAt: '2026-01-15T08:00:00.000Z',
};
const loadFailed = failedExecution({
  machine: 'SettleLoad',
  error: parked.error,
  cause: parked.message,
  input: settling.input,
});
const landedFailed = failedExecution({
  error: 'XmlMalformed',
  cause: JSON.stringify({ errorMessage: 'line 3', feed: 'files', batch: 'f-1', state: 'ExtractSlice' }),
  input: JSON.stringify({ detail: { object: { key: 'landing/files/a.xml' } } }),
});

/** What a serving `run` says on stderr after these executions have ended. */
const toldOf = async (
  ended: readonly ExecutionRecord[],
  { line = '', world = fakeWorld(), prepare = () => {} }: Partial<Served> = {},
): Promise<readonly string[]> => {
  const io: FakeIo = fakeIo();
  const running = startRun(line, { io, world });
  await expect.poll(() => world.isServing).toBe(true);
  const before = io.err();
  prepare();
  for (const execution of ended) world.progress({ type: 'execution-ended', execution });
  // Whatever is told of another feed's failure is told behind all of that.
  const last = failedExecution({ error: 'Last', cause: 'none', input: '{"feed":"other"}' });
  world.progress({ type: 'execution-ended', execution: last });
  await expect.poll(() => io.err().slice(before.length)).toContain('npx millrace trigger other');
  io.interrupt();
  await expect(running).rejects.toThrow('interrupted');
  return io.err().slice(before.length).trimEnd().split('\n').slice(0, -1);
};

interface Served {
  readonly line: string;
  readonly world: ReturnType<typeof fakeWorld>;
  readonly prepare: () => void;
}

describe('a serving cloud', () => {
  it('says one line of a load that is over: feed, batch, and what became of each table, once', async () => {
    const world = fakeWorld();
    load(world, ['w-2']);
    expect(await toldOf([settling, settling], { world })).toEqual([
      expect.stringMatching(
        /^2026-01-15T08:0\d:\d\dZ {2}items w-2 {2}loaded: ewm\.items 3 inserted, 1 updated$/,
      ),
    ]);
  });

  it('names one batch of a load of several, and counts the others', async () => {
    const world = fakeWorld();
    load(world, ['w-2', 'w-3', 'w-4']);
    const [line] = await toldOf([settling], { world });
    expect(line).toContain('items w-2 and 2 more batches  loaded: ewm.items 9 inserted, 3 updated');
  });

  it('says nothing of a load that is tried again, and none of one that looks for its batch at fault', async () => {
    expect(await toldOf([settling])).toEqual([]);
    const world = fakeWorld();
    load(world, ['w-2'], 'isolate');
    expect(await toldOf([settling], { world })).toEqual([]);
  });

  it('says which batch was parked, why, and what to do', async () => {
    const world = fakeWorld();
    const prepare = () => world.objects.set('parked/items/w-1.json', toRecordText(parked));
    expect(await toldOf([loadFailed], { world, prepare })).toEqual([
      expect.stringMatching(
        /✗ items w-1 Load {2}LoadDataRefused: numeric overflow; next: docs\/runbook\.md, SettleLoadFailed; mend the table in the warehouse; then npx millrace redrive items w-1$/,
      ),
    ]);
  });

  it('does not take what was parked before for the batch of a failure', async () => {
    const world = fakeWorld();
    world.objects.set('parked/items/w-1.json', toRecordText(parked));
    const [line] = await toldOf([loadFailed], { world });
    expect(line).toContain('✗ items SettleLoad  LoadDataRefused: numeric overflow; next: ');
  });

  it('says how a landed file that failed is landed again while it serves', async () => {
    const [line] = await toldOf([landedFailed], { line: '--data d' });
    expect(line).toContain(
      '✗ files landing/files/a.xml ExtractSlice  XmlMalformed: line 3; next: docs/runbook.md',
    );
    expect(line).toContain('. /nowhere/d/aws.env; aws s3 cp FILE s3://state/landing/files/a.xml');
  });

  it('says that endpoint and keys are good while it serves alone, and which bucket to name', async () => {
    const io = fakeIo();
    const world = fakeWorld();
    const running = startRun('', { io, world });
    await expect.poll(() => world.isServing).toBe(true);
    expect(io.err()).toMatch(/serving: schedules fire by the clock/);
    expect(io.err()).toContain('only while it serves: . /nowhere/.millrace/aws.env; aws s3 ls s3://state/');
    io.interrupt();
    await expect(running).rejects.toThrow('interrupted');
  });

  it('has nothing but next steps on stderr under --json', async () => {
    const world = fakeWorld();
    load(world, ['w-2']);
    const told = await toldOf([settling, landedFailed], { world, line: '--json' });
    expect(told).toEqual([
      expect.stringMatching(/^next: docs\/runbook\.md, ExtractFailed; mend the file; land it again/),
    ]);
  });

  it('says nothing of what the run itself reports', async () => {
    const world = fakeWorld();
    load(world, ['w-2']);
    world.work = () => world.progress({ type: 'execution-ended', execution: settling });
    expect(await toldOf([], { world })).toEqual([]);
  });
});
