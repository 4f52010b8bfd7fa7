import { describe, expect, it } from 'vitest';
import { toNeedsAttention, toRecovered } from '../../../shared/attention/message.ts';
import { parked } from '../../../shared/attention/needs/parked.ts';
import { noPlace } from '../../fakes/no-place.ts';
import { fakeIo } from './fake-io.ts';
import { fakeWorld } from './fake-session.ts';
import { startRun } from './start-run.ts';

const told = {
  feed: 'items',
  need: parked,
  at: '2026-01-15T08:00:00.000Z',
  since: '2026-01-15T08:00:00.000Z',
  batch: 'w-1',
  error: 'SliceStuck',
  cause: 'SliceStuck: it ends never',
};

/** What a run that ends says on stderr where its cloud takes these events. */
const saidOf = async (line: string, of: Partial<typeof told> = {}): Promise<string> => {
  const io = fakeIo();
  const world = fakeWorld();
  world.work = () => {
    const needs = toNeedsAttention({ ...told, ...of }, noPlace);
    const over = toRecovered({ ...told, at: '2026-01-15T09:00:00.000Z' }, noPlace);
    for (const [detailType, detail] of [
      ['FeedNeedsAttention', needs],
      ['FeedNeedsAttention', needs],
      ['BatchParked', {}],
      ['FeedRecovered', over],
    ] as const)
      world.progress({ type: 'event-taken', source: 'millrace', detailType, detail });
  };
  await startRun(`--once ${line}`, { io, world });
  return io.err();
};

describe('a run', () => {
  it('says once that a feed has come to need somebody, with cause and command, and once that it is over', async () => {
    const lines = (await saidOf('--data elsewhere'))
      .split('\n')
      .filter((line) => line.includes('feed items'));
    expect(lines).toEqual([
      '✗ feed items has a parked batch w-1: SliceStuck: it ends never; next: lower the page size of the feed, or divide the file; then npx millrace redrive items w-1 --data elsewhere; docs/runbook.md, FeedParked',
      '✓ feed items has no parked batch any more',
    ]);
  });

  it('says of a file that could not be read what lands it again, since no cloud goes on', async () => {
    const cut = { batch: 'f-1', error: 'XmlMalformed', cause: 'XmlMalformed: cut' };
    expect(await saidOf('', cut)).toContain(
      '; next: mend the file; land it again under its name: npx millrace run --file items=FILE --once; or mend the feed; then npx millrace redrive items f-1; docs',
    );
  });

  it('says nothing of it under --json', async () => {
    expect(await saidOf('--json')).not.toContain('feed items');
  });
});
