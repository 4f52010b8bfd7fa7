import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { replay } from '../../../infra/cli/backfill.ts';
import { pause, redriveFeed, resume, trigger } from '../../../infra/cli/change-feed.ts';
import type { CommandIo } from '../../../infra/cli/command-io.ts';
import type { Changeable } from '../../../infra/cli/deployment/open-to-change.ts';
import { showBatch } from '../../../infra/cli/show-batch.ts';
import { showRejects } from '../../../infra/cli/show-rejects.ts';
import { showRuns } from '../../../infra/cli/show-runs.ts';
import { showStatus } from '../../../infra/cli/show-status.ts';
import type { VerbArguments } from '../../../infra/cli/verbs/verb.ts';
import type { FeedsFile } from '../../../shared/model/feed.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { dropsFeed, itemsFeed } from '../../handlers/extract/world.ts';
import { fakeIo } from './fake-io.ts';

export const NOW = Date.parse('2026-01-15T08:00:00Z');

/** A deployment in memory; `isOwn`: the command runs it itself, and waits. */
export const deploymentOf = (
  feeds: FeedsFile = { items: itemsFeed(), drops: dropsFeed() },
  isOwn = false,
) => {
  const clock = { now: () => NOW, sleep: async () => undefined };
  const timed = timedRecords(clock);
  const events = memoryEvents();
  const state = { closed: 0 };
  const deployment: Changeable = {
    ...timed,
    ...{ options: ' --data d', events, clock },
    buckets: { read: async () => ({ hasVersions: true, tellsEventBridge: true }) },
    open: async () => undefined,
    query: async () => ({ columns: [], rows: [] }),
    warehouse: { execute: async () => [] },
    readBucket: async () => 'bucket',
    readFeeds: async () => feeds,
    untilDone: async () => isOwn,
    close: async () => {
      state.closed += 1;
    },
  };
  return { deployment, events, state, records: timed.records };
};

export type World = ReturnType<typeof deploymentOf>;

const VERBS = {
  status: showStatus,
  runs: showRuns,
  batch: showBatch,
  rejects: (args: VerbArguments, io: CommandIo, open: () => Promise<Changeable>) =>
    (args.operands[0] === 'replay' ? replay : showRejects)(args, io, open),
  trigger,
  redrive: redriveFeed,
  pause,
  resume,
} as const;

/** Types a command of a verb that reads or changes a deployment. */
export const type = async (world: World, ...words: readonly [keyof typeof VERBS, ...string[]]) => {
  const io = fakeIo();
  const line = parseCommandLine(words);
  if (line.kind !== 'verb') throw new Error(line.kind);
  const status = await VERBS[words[0]](line, io, async () => world.deployment);
  return { status, out: io.out(), err: io.err() };
};
