import type { Feed } from '../../shared/model/feed.ts';
import { readPaused } from '../paused.ts';
import { advanceRebuild } from '../rebuild/advance.ts';
import { readStanding } from '../rebuild/standing.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** An execution lives 5 minutes, and its event may take one or more. */
const YOUNG_MS = 10 * 60_000;

/** Goes on with a rebuild whose chain of executions and loads is broken. */
export const continueRebuild = async (definition: Feed, deps: SweepDeps): Promise<number> => {
  const rebuild = await readStanding(definition.feed, definition, deps.records);
  if (rebuild === undefined || deps.clock.now() - Date.parse(rebuild.asked) <= YOUNG_MS) return 0;
  if ((await readPaused(deps.records, definition.feed)) !== undefined) return 0;
  return (await advanceRebuild(definition, rebuild, deps)).asked;
};
