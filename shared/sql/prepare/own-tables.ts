import type { Contract, TableContract } from '../../model/contract.ts';
import { rulesOf, targetOf } from '../../model/target-rules.ts';
import { CONTRACTS, LEDGER, MILLRACE_SCHEMA, mutexName, quoteMutex, TARGETS } from '../names.ts';
import { quoteIdentifier, quoteLiteral, varcharLiteral } from '../quote.ts';
import { columnsOf, type Existing } from './found.ts';

/** The tables that Millrace keeps for itself, and the records in them that preparing makes. */

const LEDGER_COLUMNS = `feed VARCHAR(256), batch VARCHAR(256), seal VARCHAR(256), target VARCHAR(256), observed TIMESTAMPTZ,
  load_key VARCHAR(256), staged BIGINT, duplicate BIGINT, stale BIGINT, inserted BIGINT, updated BIGINT, deleted BIGINT,
  rejected BIGINT, loaded_at TIMESTAMPTZ`;

const OWN_TABLES = [
  ['ledger', LEDGER, LEDGER_COLUMNS],
  ['contracts', CONTRACTS, 'feed VARCHAR(256), hash VARCHAR(64), recorded_at TIMESTAMPTZ'],
  [
    'targets',
    TARGETS,
    'target VARCHAR(256), rules VARCHAR(65535), feed VARCHAR(256), recorded_at TIMESTAMPTZ',
  ],
] as const;

/** Whether `millrace.targets` can be asked. */
export const hasTargets = (columns: Existing): boolean =>
  columnsOf(columns, MILLRACE_SCHEMA, 'targets').size > 0;

/** Whether `millrace.contracts` can be asked. */
export const hasContracts = (columns: Existing): boolean =>
  columnsOf(columns, MILLRACE_SCHEMA, 'contracts').size > 0;

/** The schemas of a contract and of ours, and our tables, as far as they are not there. */
export const prepareOwn = (contract: Contract, existing: Existing): readonly string[] => {
  const hasSchema = (schema: string): boolean =>
    existing.some((column) => column.schema === schema.toLowerCase());
  const schemas = [MILLRACE_SCHEMA, ...contract.tables.map(({ schema }) => schema)];
  return [
    ...[...new Set(schemas)]
      .filter((schema) => !hasSchema(schema))
      .map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`),
    ...OWN_TABLES.filter(([name]) => columnsOf(existing, MILLRACE_SCHEMA, name).size === 0).map(
      ([, table, columns]) => `CREATE TABLE IF NOT EXISTS ${table} (${columns})`,
    ),
  ];
};

/**
 * A child has one too: the release before this one locks it. The mutex's row is seen to also where the mutex is there: whoever made that may have died before its row. Two at once may
 * put two rows, of which either does. CREATE TABLE AS would be one statement, but has no IF NOT EXISTS
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html).
 */
export const prepareMutex = (table: string, existing: Existing): readonly string[] => {
  const mutex = quoteMutex(table);
  return [
    ...(columnsOf(existing, MILLRACE_SCHEMA, mutexName(table)).size > 0
      ? []
      : [`CREATE TABLE IF NOT EXISTS ${mutex} (loads BIGINT)`]),
    `INSERT INTO ${mutex} (loads) SELECT 0 FROM (SELECT COUNT(*) AS n FROM ${mutex}) m WHERE m.n = 0`,
  ];
};

/** A target's rules are recorded before it is made, so that one that is there without them is somebody else's. */
export const recordRules = (table: TableContract, feed: string): string => {
  const target = quoteLiteral(targetOf(table));
  return `INSERT INTO ${TARGETS} (target, rules, feed, recorded_at) SELECT ${varcharLiteral(targetOf(table))}, ${varcharLiteral(rulesOf(table), 65535)}, ${varcharLiteral(feed)}, CAST(GETDATE() AS TIMESTAMPTZ) FROM (SELECT COUNT(*) AS n FROM ${TARGETS} WHERE target = ${target}) r WHERE r.n = 0`;
};

export const recordContract = ({ feed, hash }: Contract): string =>
  `INSERT INTO ${CONTRACTS} (feed, hash, recorded_at) SELECT ${varcharLiteral(feed)}, ${varcharLiteral(hash, 64)}, CAST(GETDATE() AS TIMESTAMPTZ) FROM (SELECT COUNT(*) AS n FROM ${CONTRACTS} WHERE feed = ${quoteLiteral(feed)} AND hash = ${quoteLiteral(hash)}) c WHERE c.n = 0`;
