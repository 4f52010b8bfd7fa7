import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { runFeeds } from '../../../infra/cli/run-feeds.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { fakeIo } from './fake-io.ts';
import { fakeFeed, fakeParts, fakeWorld } from './fake-session.ts';

export const scheduled = fakeFeed('items', 'http', 'rate(1 hour)');
export const unscheduled = fakeFeed('other', 'http');
export const files = fakeFeed('files', 's3');

export const toArguments = (line: string) => {
  const parsed = parseCommandLine(`run ${line}`.trim().split(' '));
  if (parsed.kind !== 'verb') throw new Error(`${line} is no run`);
  return parsed;
};

/** `millrace run` with these words, on a world in memory. */
export const startRun = async (
  line: string,
  { io = fakeIo(), world = fakeWorld(), feeds = [scheduled, unscheduled, files] as readonly Feed[] } = {},
) => {
  const status = await runFeeds(toArguments(line), io, fakeParts(world, feeds));
  return { status, io, world };
};
