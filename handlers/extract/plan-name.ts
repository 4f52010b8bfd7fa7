import { EXPANDS, hashDefinition } from '../../shared/model/canonical.ts';
import type { PlanName } from '../../shared/state/keys.ts';
import type { PlanRecord } from '../../shared/state/records.ts';

/** The name under which a plan and all that belongs to it lie: another definition of the feed has plans and steps of its own. */
export const planNameOf = ({ feed, batch, definition, window, expands, expanded }: PlanRecord): PlanName => {
  if (expands === true) return expansionName(feed, batch);
  const keys = expanded?.map(({ key }) => key);
  return { feed, batch, definition: hashDefinition(definition, window?.to, keys) };
};

/** The name of the plan that expands a batch's object: the same for every definition of the feed. */
export const expansionName = (feed: string, batch: string): PlanName => ({
  feed,
  batch,
  definition: EXPANDS,
});
