import { type Contract, type TableContract, targetTables } from '../model/contract.ts';
import { rebuiltName, tombstonesName as tombstonesOf } from '../model/deletes.ts';
import { besideOf, oldOf, rebuiltContract, swappedContract, type TableName } from '../model/rebuilt.ts';
import { rulesOf, targetOf } from '../model/target-rules.ts';
import { CONTRACTS, LEDGER, MILLRACE_SCHEMA, quoteMutex, TARGETS, tombstonesName } from './names.ts';
import {
  LOADED_AT,
  quoteIdentifier,
  quoteLiteral,
  quoteTable,
  timeLiteral,
  varcharLiteral,
} from './quote.ts';
import type { LoadBatch } from './stage-statements.ts';

/**
 * The end of a rebuild, in one transaction: the tables that were filled get the names of the feed's, those get names of ours, and all that
 * Millrace keeps of them goes with it. ALTER TABLE … RENAME TO holds readers up until the transaction ends, and no longer: before it they
 * have the old rows, after it the new ones (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html). Rights and views are a
 * table's own, and do not go with its name.
 */

export interface SwapText {
  readonly feed: string;
  /** The swap's name in the ledger: its load's key. */
  readonly load: string;
  readonly contract: Contract;
  readonly request: string;
  /** The swap itself, and batches that wait, of which the tables beside hold all: none of them is to be loaded any more. */
  readonly batches: readonly LoadBatch[];
  /** @default false */
  readonly locksLedger?: boolean;
}

/** One table with the names that it has, had and gets. */
export interface Swapped {
  readonly live: TableName;
  readonly beside: TableName;
  readonly old: TableName;
}

/** All tables that a swap gives other names: the feed's, and where their tombstones are kept. */
export const swappedTables = (contract: Contract, request: string): readonly Swapped[] => [
  ...targetTables(contract).map((table) => ({
    live: table,
    beside: besideOf(table, request),
    old: oldOf(table),
  })),
  ...contract.tables.flatMap(({ schema, deletes }): Swapped[] => {
    if (deletes === undefined) return [];
    const target = { schema, name: deletes.table.slice(schema.length + 1) };
    const [live, beside, old] = [deletes.table, besideOf(target, request).table, oldOf(target).table].map(
      toKept,
    );
    return live === undefined || beside === undefined || old === undefined ? [] : [{ live, beside, old }];
  }),
];

const toKept = (table: string): TableName => {
  const name = tombstonesName(table);
  return { table: `${MILLRACE_SCHEMA}.${name}`, schema: MILLRACE_SCHEMA, name };
};

const rename = (from: TableName, to: TableName): string =>
  `ALTER TABLE ${quoteTable(from)} RENAME TO ${quoteIdentifier(to.name)}`;

const listOf = (names: readonly string[]): string => names.map(quoteLiteral).join(', ');

/** The rules of the tables as they are from now on, in the place of what was recorded of both. */
const swapRules = (contract: Contract, feed: string, request: string): readonly string[] => {
  const live = targetTables(contract);
  const names = [...live, ...live.map((table) => besideOf(table, request))].map(({ table }) =>
    table.toLowerCase(),
  );
  const rows = live.map(
    (table) =>
      `SELECT ${varcharLiteral(targetOf(table))}, ${varcharLiteral(rulesOf(table), 65535)}, ${varcharLiteral(feed)}, ${LOADED_AT}`,
  );
  return [
    `DELETE FROM ${TARGETS} WHERE target IN (${listOf(names)})`,
    `INSERT INTO ${TARGETS} (target, rules, feed, recorded_at)\n${rows.join('\nUNION ALL\n')}`,
  ];
};

/** What was loaded into the tables beside was loaded into the feed's. */
const renameInLedger = (contract: Contract, feed: string, request: string): string => {
  const pairs = contract.tables.map(({ table, schema, name, deletes }) => {
    if (deletes === undefined) return [besideOf({ schema, name }, request).table, table] as const;
    const target = { schema, name: deletes.table.slice(schema.length + 1) };
    return [tombstonesOf(besideOf(target, request).table), table] as const;
  });
  const cases = pairs.map(([from, to]) => `WHEN ${quoteLiteral(from)} THEN ${varcharLiteral(to)}`);
  return `UPDATE ${LEDGER} SET target = CASE target ${cases.join(' ')} ELSE target END WHERE feed = ${quoteLiteral(feed)} AND target IN (${listOf(pairs.map(([from]) => from))})`;
};

/** Of no table: what was applied last to one is told by its own rows. */
const ledgerRow = (batch: LoadBatch, { feed, load }: SwapText, { table }: TableContract): string =>
  `SELECT ${[feed, batch.batch, batch.seal, rebuiltName(table)].map((text) => varcharLiteral(text)).join(', ')}, ${timeLiteral(batch.observed)}, ${varcharLiteral(load)}, 0, 0, 0, 0, 0, 0, 0, ${LOADED_AT}`;

/** Some 450 bytes of SQL each, of 100,000. What is left out is pending no more either, and only a warehouse that is restored would be given it again. */
const MOST_IN_LEDGER = 200;

/** It cannot be run twice: what it gives another name is gone then, and PrepareWarehouse asks the ledger before a second try. */
export const swapStatements = (text: SwapText): readonly string[] => {
  const { feed, request, batches, locksLedger = false } = text;
  const contract = swappedContract(text.contract);
  const tables = targetTables(contract);
  const [first] = tables;
  const swapped = swappedTables(contract, request);
  const roots = tables.filter(({ parent }) => parent === undefined);
  const mutexes = [
    ...roots.map(({ table }) => quoteMutex(table)),
    ...(locksLedger ? [quoteMutex(`${MILLRACE_SCHEMA}.ledger`)] : []),
  ].sort();
  return [
    `LOCK ${mutexes.join(', ')}`,
    `DROP TABLE IF EXISTS ${swapped.map(({ old }) => quoteTable(old)).join(', ')}`,
    ...swapped.flatMap(({ live, beside, old }) => [rename(live, old), rename(beside, live)]),
    ...swapRules(contract, feed, request),
    // Whoever loads next by whatever contract looks at the new tables first.
    `DELETE FROM ${CONTRACTS} WHERE feed = ${quoteLiteral(feed)}`,
    renameInLedger(contract, feed, request),
    `INSERT INTO ${LEDGER} (feed, batch, seal, target, observed, load_key, staged, duplicate, stale, inserted, updated, deleted, rejected, loaded_at)\n${batches
      .slice(0, MOST_IN_LEDGER)
      .flatMap((batch) => (first === undefined ? [] : [ledgerRow(batch, text, first)]))
      .join('\nUNION ALL\n')}`,
    `DROP TABLE IF EXISTS ${targetTables(rebuiltContract(contract, request))
      .map(({ table }) => quoteMutex(table))
      .join(', ')}`,
  ];
};
