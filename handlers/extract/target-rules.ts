import { type Contract, targetTables } from '../../shared/model/contract.ts';
import { checkRules, rulesOf, targetOf } from '../../shared/model/target-rules.ts';
import { toKey } from '../../shared/state/keys.ts';
import { targetRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readRecord } from '../records.ts';

/** By which rules the targets are kept that batches were sealed for: a record each, put by the first seal. */
export interface TargetRules {
  /** Throws TargetChanged where a contract's table has other rules than its target. */
  check(contract: Contract): Promise<void>;
  /** The same, and records the rules of targets that have none yet. */
  keep(contract: Contract, invocation: string): Promise<void>;
}

/** Remembers which rules it saw agreed on: a record is read once a process, unless the feed says something else. */
export const targetRules = (records: RecordStore): TargetRules => {
  const agreed = new Set<string>();
  const visit = async (contract: Contract, invocation: string | undefined): Promise<void> => {
    for (const table of targetTables(contract)) {
      // What is filled beside a target is of one request alone.
      if (table.beside !== undefined) continue;
      const [target, rules] = [targetOf(table), rulesOf(table)];
      const name = `${target} ${rules}`;
      if (agreed.has(name)) continue;
      const key = toKey({ kind: 'target', table: target });
      const record = { target, rules, feed: contract.feed };
      const standing =
        (await readRecord(records, key, targetRecord)) ??
        (invocation && (await putRecord(records, key, { ...record, invocation }, targetRecord)));
      if (!standing) continue;
      checkRules(table, standing.rules, `${key}, by feed ${standing.feed}`);
      agreed.add(name);
    }
  };
  return {
    check: (contract) => visit(contract, undefined),
    keep: (contract, invocation) => visit(contract, invocation),
  };
};
