import type { Contract } from '../../shared/model/contract.ts';
import { parseExistingColumn, withEncodings } from '../../shared/sql/existing-columns.ts';
import type { Found } from '../../shared/sql/prepare/found.ts';
import { hasTargets } from '../../shared/sql/prepare/own-tables.ts';
import {
  encodingsQuery,
  existingColumnsQuery,
  needsEncodings,
  targetRulesQuery,
} from '../../shared/sql/prepare-statements.ts';
import type { Warehouse } from '../ports/warehouse.ts';

type Asked = Pick<Warehouse, 'execute'>;

/** What the warehouse has of a contract: two questions, and a third where a varchar gets longer. */
export const readFound = async (
  contract: Contract,
  warehouse: Asked,
  signal: AbortSignal,
): Promise<Found> => {
  const rows = await warehouse.execute(existingColumnsQuery(contract), signal);
  const columns = rows.map(parseExistingColumn);
  const rules = hasTargets(columns) ? await readRules(contract, warehouse, signal) : [];
  if (!needsEncodings(contract, { columns, rules })) return { columns, rules };
  const encodings = await warehouse.execute(encodingsQuery(contract), signal);
  return { columns: withEncodings(columns, encodings), rules };
};

export const readRules = async (
  contract: Contract,
  warehouse: Asked,
  signal: AbortSignal,
): Promise<Found['rules']> => {
  const rows = await warehouse.execute(targetRulesQuery(contract), signal);
  return rows.map(([target, rules]) => [String(target), String(rules)]);
};
