import type { TableContract } from '../../model/contract.ts';
import type { Family } from '../plan-statements.ts';
import type { Target } from '../target.ts';

/** A problem with a table of a feed file: which of its keys, and what is wrong there. */
export interface TableFault {
  readonly at: readonly (string | number)[];
  readonly message: string;
  readonly on?: 'key' | 'value';
}

/**
 * How the rows that a load brings meet those that its targets hold. One object a disposition; no other file asks which one it is. It is a
 * root's, and its family's: children live and go with their record.
 */
export interface Disposition {
  /** Whether a table needs a key. */
  readonly needsKey: boolean;
  /** Whether one batch is all that the target is to hold: it has no window, and an empty one empties the target. */
  readonly isWhole: boolean;
  /** Whether loading the same records again, under other names, adds nothing. */
  readonly isRepeatable: boolean;
  /**
   * Whether the target holds every version of a key: then its rows have VALIDITY beside ours, no table lies below it, and none that somebody
   * else made is taken over.
   */
  readonly keepsVersions: boolean;
  /** Why no tombstone deletes rows of such a table, as it follows its name; undefined where they do. */
  readonly whyNoDeletes: string | undefined;
  /** How rows of such a root, of landed files, get values in columns that were added; it follows `rows left null:`. */
  fillAdvice(root: TableContract, feed: string): string;
  /** Whether rows of the target are found by their key, which must tell them apart. */
  isMet(root: Target): boolean;
  /** What is wrong with a root table that is to be kept so, beyond a key that is missing. */
  check?(table: TableContract, feed: { readonly isWindowed: boolean }): readonly TableFault[];
  /** More columns and joins of the load's batches. */
  batches?(family: Family): { readonly columns: readonly string[]; readonly joins: readonly string[] };
  /** Gathers the target's rows that the plan meets, where these are more than those of the staged keys, one each. */
  meet?(family: Family): readonly string[];
  /** Decides the fate of each staged row of a root. */
  createPlan(family: Family): string;
  /** Changes the target's rows that are there. */
  change(family: Family): readonly string[];
  /** Adds the root's rows that are new, where they get more than their columns. */
  insert?(family: Family): string;
  /** Counts the rows that went of one of the family's tables, where the plan does not; of the batch `b`. */
  deleted?(family: Family, target: Target): string | undefined;
}
