import { hashDefinition } from '../../shared/model/canonical.ts';
import type { PlanName } from '../../shared/state/keys.ts';
import type { PlanRecord } from '../../shared/state/records.ts';

/** The name under which a plan and all that belongs to it lie: another definition of the feed has plans and steps of its own. */
export const planNameOf = ({ feed, batch, definition, window }: PlanRecord): PlanName => ({
  feed,
  batch,
  definition: hashDefinition(definition, window?.to),
});
