import { hashDefinition } from '../../shared/feed/canonical.ts';
import type { PlanName } from '../../shared/keys.ts';
import type { PlanRecord } from '../../shared/records.ts';

/** The name under which a plan and all that belongs to it lie: another definition of the feed has plans and steps of its own. */
export const planNameOf = ({ feed, batch, definition, window }: PlanRecord): PlanName => ({
  feed,
  batch,
  definition: hashDefinition(definition, window?.to),
});
