import { InvalidInput } from '../errors.ts';
import { type ColumnContract, type Contract, type TableContract, targetTables } from '../model/contract.ts';
import { isHashColumn } from '../model/record-hash.ts';
import { keptName, planName, stageName } from './names.ts';
import { quoteIdentifier, quoteTable } from './quote.ts';

/** A contract's tables as the load sees them: families of a root table and what lies below it. */

/** A table of the contract with its staging. */
export interface Staged {
  /** Counted from 1, as in the names of temporary tables. */
  readonly n: number;
  readonly table: TableContract;
  readonly stage: string;
}

/** Two columns that hold the same value in two tables. */
export interface ColumnPair {
  readonly own: string;
  readonly root: string;
}

export interface Target extends Staged {
  /** Quoted names of the target, its staging and, of a root, its plan. */
  readonly name: string;
  readonly plan: string;
  /** Columns of others, of rows that give way. */
  readonly kept: string;
  /** Undefined for a root. */
  readonly parent: Target | undefined;
  /** Itself for a root. */
  readonly root: Target;
  /** Which of the own columns hold the root's key. */
  readonly rootKey: readonly ColumnPair[];
  /** The columns that tell this table's rows apart, beyond the parent's key; empty where nothing does. */
  readonly ownKey: readonly string[];
  /** All columns that tell rows of the target apart; empty where nothing does. */
  readonly identity: readonly string[];
}

/** Follows the root's key through the parent's columns. Throws InvalidInput where a child does not hold all of it. */
const rootKeyOf = (table: TableContract, parent: Target): readonly ColumnPair[] =>
  parent.rootKey.map((pair) => {
    const own = table.parent?.columns.find((column) => column.parent === pair.own);
    if (own === undefined) {
      throw new InvalidInput(
        `table ${table.table} has no column for ${pair.own} of its parent ${parent.table.table}, which is part of the key`,
      );
    }
    return { own: own.child, root: pair.root };
  });

const ownKeyOf = (table: TableContract): readonly string[] => {
  if (table.parent === undefined) return table.key;
  const inherited = new Set(table.parent.columns.map((column) => column.child));
  const own = table.key.filter((name) => !inherited.has(name));
  if (own.length > 0) return own;
  return table.columns.filter((column) => column.source.kind === 'ordinal').map((column) => column.name);
};

const toTarget = (table: TableContract, n: number, parent: Target | undefined): Target => {
  const ownKey = ownKeyOf(table);
  const inherited = table.parent?.columns.map((column) => column.child) ?? [];
  const base = {
    n,
    table,
    name: quoteTable(table),
    stage: stageName(n),
    plan: planName(n),
    kept: keptName(n),
    parent,
    ownKey,
    identity: ownKey.length === 0 ? [] : [...inherited, ...ownKey],
  };
  if (parent !== undefined) {
    return { ...base, root: parent.root, rootKey: rootKeyOf(table, parent) };
  }
  const root: Target = {
    ...base,
    rootKey: table.key.map((name) => ({ own: name, root: name })),
    get root() {
      return root;
    },
  };
  return root;
};

/** The targets of a contract, parents before their children. Throws InvalidInput. */
export const toTargets = (contract: Contract): readonly Target[] => {
  const targets = new Map<string, Target>();
  // Tombstones stand behind all, so that a target has its table's place.
  targetTables(contract).forEach((table, at) => {
    const parent = table.parent === undefined ? undefined : targets.get(table.parent.table);
    if (table.parent !== undefined && parent === undefined) {
      throw new InvalidInput(`table ${table.table} stands before its parent ${table.parent.table}`);
    }
    targets.set(table.table, toTarget(table, at + 1, parent));
  });
  return [...targets.values()];
};

/** A column of a target's table by name. Throws InvalidInput. */
export const columnOf = (target: Target, name: string): ColumnContract => {
  const column = target.table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new InvalidInput(`table ${target.table.table} has no column ${name}`);
  return column;
};

/** Whether a column may end in blanks: untrimmed, or cut by truncate; a parent's column is as the parent's is. */
export const mayEndInBlanks = (target: Target, name: string): boolean => {
  const column = columnOf(target, name);
  if (column.type.kind !== 'varchar') return false;
  if (column.source.kind === 'parent' && target.parent !== undefined) {
    return mayEndInBlanks(target.parent, column.source.column);
  }
  return !column.trim || column.truncate;
};

/**
 * A key column as it is compared. Redshift ignores trailing blanks of VARCHAR in comparisons
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html) and Postgres does not: where a
 * value can have some they are taken off, so that both see the same keys.
 */
export const keyExpression = (target: Target, alias: string, name: string): string => {
  const column = `${alias}.${quoteIdentifier(name)}`;
  return mayEndInBlanks(target, name) ? `RTRIM(${column})` : column;
};

/** Whether the record's hash stands beside the rows of a root; part files of older releases have none. */
export const isHashed = ({ table }: Target): boolean => table.columns.some(isHashColumn);
