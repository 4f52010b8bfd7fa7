import { parseStatementName } from '../../shared/state/load-name.ts';
import type { WarehouseReport } from './report.ts';

/** A statement that the warehouse was asked for; times in epoch milliseconds. */
export interface StatementTimes {
  readonly name?: string | undefined;
  readonly createdMs: number;
  /** When it ended, where it has. */
  readonly updatedMs: number;
}

/** Redshift Serverless bills a minute at least: https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-billing.html. */
const AWAKE_MS = 60_000;

/** The loads among statements, and how often these would wake a warehouse that nobody else uses: each that comes more than a minute after all before it ended. */
export const countWakeUps = (statements: readonly StatementTimes[]): WarehouseReport => {
  let [wakeUps, awakeUntil] = [0, Number.NEGATIVE_INFINITY];
  for (const { createdMs, updatedMs } of statements.toSorted((a, b) => a.createdMs - b.createdMs)) {
    if (createdMs > awakeUntil) wakeUps += 1;
    awakeUntil = Math.max(awakeUntil, updatedMs + AWAKE_MS);
  }
  const loads = new Set(
    statements.flatMap(({ name = '' }) => parseStatementName(name)?.thread.loadKey ?? []),
  );
  return { loads: loads.size, wakeUps };
};
