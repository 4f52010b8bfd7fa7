import { InvalidInput } from '../errors.ts';
import type { Contract } from '../model/contract.ts';
import { insertBelow, insertRoot, keepForeign } from './apply-statements.ts';
import { MAX_STATEMENT_BYTES, MAX_STATEMENTS } from './batch-limits.ts';
import { type Comparison, compareStatements, toComparison } from './comparison.ts';
import { dispositionOf } from './dispositions/registry.ts';
import type { ForeignColumns } from './foreign-columns.ts';
import { insertLedger } from './ledger-statement.ts';
import { LEDGER_TABLE, quoteMutex, stageName } from './names.ts';
import { type Family, familiesOf, narrowTarget } from './plan-statements.ts';
import { inProcedures } from './procedures.ts';
import { copyStage, createBatches, createStage, type LoadBatch, selectBatches } from './stage-statements.ts';
import { swapStatements } from './swap-statements.ts';
import { type Staged, type Target, toTargets } from './target.ts';
import { createGone, createTouched, keepTombstones, toTombstones } from './tombstones.ts';

/** Batches of one load: some 500 bytes of SQL each, and a third of the statement's limit kept free; of many tables fewer. */
export const MAX_BATCHES = 128;

/** After that the warehouse itself gives a load up; the sweep cancels what outlives it. */
export const STATEMENT_TIMEOUT_MS = 3_600_000;

export interface LoadText {
  readonly feed: string;
  /** The load's name in the ledger: its record's key. */
  readonly load: string;
  readonly contract: Contract;
  readonly batches: readonly LoadBatch[];
  /** `s3://…` of the COPY manifest by `schema.table`; a table without rows in this load has none. */
  readonly manifests: Readonly<Record<string, string>>;
  readonly copyRole: string;
  /** Columns of the targets that the contract does not have, by `schema.table`. */
  readonly foreign?: ForeignColumns;
  /** Of a SERIALIZABLE database: the ledger is locked with the families, since all loads read and write it. @default false */
  readonly locksLedger?: boolean;
  /** The most statements that it has one by one; of more, those that may be are gathered in procedures. @default MAX_STATEMENTS */
  readonly mostSingle?: number;
}

/**
 * Default isolation is SNAPSHOT, and a snapshot is taken at the first read or write
 * (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html): so the locks come before all else, in
 * one order everywhere (https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html). The bump makes a load
 * fail that took its snapshot earlier in spite of that. A family has one mutex, its root's: its children have no other parent.
 */
const lockStatements = (
  targets: readonly Target[],
  locksLedger = false,
): { readonly locks: readonly string[]; readonly bumps: readonly string[] } => {
  const roots = targets.filter(({ parent }) => parent === undefined);
  const mutexes = roots.map(({ table }) => quoteMutex(table.table)).sort();
  // Without a bump: under SERIALIZABLE a load that took its snapshot earlier fails by itself.
  const locked = locksLedger ? [...mutexes, quoteMutex(LEDGER_TABLE)].sort() : mutexes;
  return {
    locks: [`SET statement_timeout TO ${STATEMENT_TIMEOUT_MS}`, `LOCK ${locked.join(', ')}`],
    bumps: mutexes.map((mutex) => `UPDATE ${mutex} SET loads = loads + 1`),
  };
};

const copyStatements = (staged: Staged, { manifests, copyRole }: LoadText): readonly string[] => {
  const manifest = manifests[staged.table.table];
  return manifest === undefined ? [] : [copyStage(staged, manifest, copyRole)];
};

const stageStatements = (staged: Staged, text: LoadText): readonly string[] => [
  createStage(staged),
  ...copyStatements(staged, text),
];

const checkSizes = (statements: readonly string[], load: string): readonly string[] => {
  const largest = Math.max(...statements.map((text) => Buffer.byteLength(text)));
  if (statements.length > MAX_STATEMENTS || largest > MAX_STATEMENT_BYTES) {
    throw new InvalidInput(
      `load ${load} has ${statements.length} statements, the largest of ${largest} bytes; allowed are ${MAX_STATEMENTS} of ${MAX_STATEMENT_BYTES}`,
    );
  }
  return statements;
};

const applyStatements = (family: Family, { foreign = {} }: LoadText): readonly string[] => {
  const disposition = dispositionOf(family.root.table);
  const foreignOf = ({ table: { table } }: Target): readonly string[] => foreign[table] ?? [];
  const kept = disposition.isMet(family.root)
    ? family.children.flatMap((child) => keepForeign(child, foreignOf(child)) ?? [])
    : [];
  const { tombstones } = family;
  return [
    ...(disposition.meet?.(family) ?? []),
    ...(tombstones === undefined
      ? []
      : [createGone(tombstones), createTouched(tombstones, narrowTarget(family, 'all'))]),
    disposition.createPlan(family),
    ...kept,
    ...disposition.change(family),
    disposition.insert?.(family) ?? insertRoot(family),
    ...family.children.flatMap((child) => insertBelow(child, kept.length === 0 ? [] : foreignOf(child))),
    ...(tombstones === undefined ? [] : keepTombstones(tombstones)),
  ];
};

const checkKeys = (targets: readonly Target[]): void => {
  const keyless = targets.find(
    ({ parent, table }) => parent === undefined && table.key.length === 0 && dispositionOf(table).needsKey,
  );
  if (keyless !== undefined)
    throw new InvalidInput(
      `table ${keyless.table.table} is to be kept by ${keyless.table.disposition} and has no key`,
    );
};

const buildComparison = (comparison: Comparison, text: LoadText): readonly string[] => {
  const { keys, family } = comparison;
  const { locks, bumps } = lockStatements([family.root]);
  if (text.batches.length !== 1)
    throw new InvalidInput(`load ${text.load} has ${text.batches.length} comparisons, allowed 1`);
  return [
    ...locks,
    ...bumps,
    ...stageStatements(keys, text),
    selectBatches(text.feed, text.batches, [keys]),
    ...compareStatements(text.feed, text.load, comparison),
  ];
};

const buildSwap = (text: LoadText, request: string): readonly string[] => [
  `SET statement_timeout TO ${STATEMENT_TIMEOUT_MS}`,
  ...swapStatements({ ...text, request }),
];

const buildStatements = (text: LoadText): readonly string[] => {
  const { swaps } = text.contract;
  if (swaps !== undefined) return buildSwap(text, swaps.request);
  const comparison = toComparison(text.contract);
  if (comparison !== undefined) return buildComparison(comparison, text);
  const targets = toTargets(text.contract);
  checkKeys(targets);
  const tombstones = toTombstones(text.contract, targets);
  const families = familiesOf(targets, tombstones);
  const staged = [...targets, ...tombstones];
  const { locks, bumps } = lockStatements(targets, text.locksLedger);
  const batches = createBatches(text.feed, text.batches, families);
  const apply = [
    ...families.flatMap((family) => applyStatements(family, text)),
    insertLedger(text.feed, text.load, families),
  ];
  const stages = staged.flatMap((one) => stageStatements(one, text));
  const single = [...locks, ...bumps, ...stages, batches, ...apply];
  if (single.length <= (text.mostSingle ?? MAX_STATEMENTS)) return single;
  // COPY by itself, since what it refused is found by the query of its statement; and the batches, whose counts name what is wrong.
  return [
    ...locks,
    ...inProcedures([...bumps, ...staged.map(createStage)]),
    ...staged.flatMap((one) => copyStatements(one, text)),
    batches,
    ...inProcedures(apply),
  ];
};

/**
 * The one transaction that applies sealed batches of one contract. Applying any set of batches, in any order and any
 * number of times, ends in the same rows. Throws InvalidInput.
 */
export const loadStatements = (text: LoadText): readonly string[] =>
  checkSizes(buildStatements(text), text.load);

const LONGEST_NAME = 'x'.repeat(120);
const MOST_ROWS = 999_999_999;

/** The longest load of so many batches. */
const longestLoad = (contract: Contract, batches: number): LoadText => ({
  feed: contract.feed,
  load: LONGEST_NAME,
  contract,
  batches: Array.from({ length: batches }, () => ({
    ...{ batch: LONGEST_NAME, seal: LONGEST_NAME, observed: '2026-01-01T00:00:00.000Z' },
    ...{ rows: Object.fromEntries(contract.tables.map(({ table }) => [table, MOST_ROWS])), rejected: 0 },
  })),
  manifests: Object.fromEntries(
    contract.tables.map(({ table }) => [table, `s3://${LONGEST_NAME}/${LONGEST_NAME}`]),
  ),
  copyRole: LONGEST_NAME,
});

/** What a disposition may add to a table's part of the statement that has the batches. */
const MORE_BYTES = 1_000;

/** How many batches of a contract one load may have: all stand in one statement, each with its rows of every table. A comparison is alone. */
export const mostBatches = (contract: Contract): number => {
  if (contract.compares !== undefined) return 1;
  const staged = contract.tables.map((table, at) => ({ n: at + 1, table, stage: stageName(at + 1) }));
  const bytesOf = (count: number): number =>
    Buffer.byteLength(selectBatches(contract.feed, longestLoad(contract, count).batches, staged));
  const [one, two] = [bytesOf(1), bytesOf(2)];
  const left = MAX_STATEMENT_BYTES - one - staged.length * MORE_BYTES;
  return Math.min(MAX_BATCHES, 1 + Math.max(0, Math.floor(left / (two - one))));
};

/**
 * The most that any load of a contract takes: over MAX_STATEMENTS or MAX_STATEMENT_BYTES, the feed cannot be loaded.
 * Throws InvalidInput.
 */
export const measureLoad = (
  contract: Contract,
): { readonly statements: number; readonly largestBytes: number } => {
  const statements = buildStatements(longestLoad(contract, mostBatches(contract)));
  return {
    statements: statements.length,
    largestBytes: Math.max(...statements.map((text) => Buffer.byteLength(text))),
  };
};
