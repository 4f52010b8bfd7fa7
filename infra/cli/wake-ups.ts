import { parseStatementName } from '../../shared/state/load-name.ts';
import type { WarehouseReport } from './report.ts';

/** When a statement was asked for and when it ended, where it has; in epoch milliseconds. */
interface Times {
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** A statement that the warehouse was asked for. */
export interface StatementTimes extends Times {
  readonly name?: string | undefined;
}

/** Redshift Serverless bills a minute at least: https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-billing.html. */
export const AWAKE_MS = 60_000;

/** Statements by the time that they keep a warehouse awake which nobody else uses: one that comes more than a minute after all before it ended wakes it. */
export const groupByWakeUp = <T extends Times>(statements: readonly T[]): readonly (readonly T[])[] => {
  const groups: T[][] = [];
  let awakeUntil = Number.NEGATIVE_INFINITY;
  for (const statement of statements.toSorted((a, b) => a.createdMs - b.createdMs)) {
    if (statement.createdMs > awakeUntil) groups.push([]);
    groups.at(-1)?.push(statement);
    awakeUntil = Math.max(awakeUntil, statement.updatedMs + AWAKE_MS);
  }
  return groups;
};

/** The loads among statements, and how often these would wake the warehouse. */
export const countWakeUps = (statements: readonly StatementTimes[]): WarehouseReport => {
  const loads = new Set(
    statements.flatMap(({ name = '' }) => parseStatementName(name)?.thread.loadKey ?? []),
  );
  return { loads: loads.size, wakeUps: groupByWakeUp(statements).length };
};
