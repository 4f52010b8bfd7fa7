import { type ColumnTyper, toColumnTyper } from '../columns/way.ts';
import { InvalidInput } from '../errors.ts';
import type { Contract, TableContract } from '../model/contract.ts';
import { type Path, type Predicate, parsePath, printStep, type Step } from '../model/path.ts';
import { type NameMatch, resolveTest } from './names.ts';

/**
 * A contract's paths as one tree. Each node is a step that some path takes; what is to be done when an element matches
 * it stands at the node, so that one walk over the document serves all tables and columns.
 */

/** A predicate with its names resolved. */
export type Check =
  | { readonly kind: 'position'; readonly position: number }
  | { readonly kind: 'attribute'; readonly name: NameMatch; readonly value: string }
  | { readonly kind: 'child' };

/** Where found values go: a slot of the row, or of the ancestor, that the path starts from. */
export interface Target {
  readonly holder: number;
  readonly slot: number;
}

export interface Node {
  readonly id: number;
  /** What the node is, in text, to find it again when another path takes the same step. */
  readonly key: string;
  readonly name: NameMatch;
  readonly checks: readonly Check[];
  /** A check looks at child elements, so it is decided when the element closes. */
  readonly isLate: boolean;
  /** Ids of the nearest late nodes: at or above this one, and above it. */
  readonly guard: number | undefined;
  readonly around: number | undefined;
  readonly depth: number;
  readonly children: Node[];
  /** Slots that take the element's value. */
  readonly values: Target[];
  /** Slots that take each of its text nodes. */
  readonly texts: Target[];
  readonly attributes: { readonly name: NameMatch; readonly target: Target }[];
  /** The check of the late node above that is met when this element's whole text is the value. */
  readonly decides: { readonly late: number; readonly check: number; readonly value: string } | undefined;
  /** The holder that such an element opens. */
  holder: number | undefined;
  readonly tables: number[];
}

/** An element whose values rows read: the document (0), a row, or an ancestor of rows. */
export interface Holder {
  readonly parent: number | undefined;
  readonly depth: number;
  /** The path of each slot. */
  readonly paths: string[];
  /** Slots that only the caller wants: the first value counts, at any place of the document. */
  readonly wanted: Map<number, string>;
}

export interface ColumnPlan {
  readonly name: string;
  readonly path: string;
  readonly type: ColumnTyper;
  readonly source:
    | { readonly kind: 'slot'; readonly holder: number; readonly slot: number }
    | { readonly kind: 'ordinal' }
    | { readonly kind: 'parent'; readonly column: number };
}

export interface TablePlan {
  readonly table: string;
  readonly holder: number;
  readonly parent: number | undefined;
  readonly columns: readonly ColumnPlan[];
  /** Index of the cursor column. */
  readonly cursor: number | undefined;
}

export interface Plan {
  readonly root: Node;
  readonly holders: readonly Holder[];
  readonly tables: readonly TablePlan[];
  /** First steps of the tables' rows: what the document's root has to be. */
  readonly roots: readonly { readonly name: NameMatch; readonly text: string }[];
}

/** Thrown when a table's rows cannot be found in one pass. */
export class RowsRefused extends InvalidInput {
  readonly table: string;
  constructor({ table, rows }: TableContract, why: string) {
    super(`rows of ${table} is ${rows}${why}`);
    this.table = table;
  }
}

interface Builder {
  readonly namespaces: Readonly<Record<string, string>>;
  readonly root: Node;
  readonly holders: Holder[];
  readonly slots: Map<string, Target>;
  nodes: number;
}

type NodeKey = Pick<Node, 'key' | 'name' | 'checks' | 'decides'>;

const newNode = (id: number, parent: Node | undefined, of: NodeKey): Node => {
  const isLate = of.checks.some((check) => check.kind === 'child');
  const node: Node = {
    ...of,
    id,
    isLate,
    guard: isLate ? id : parent?.guard,
    around: parent?.guard,
    depth: parent === undefined ? 0 : parent.depth + 1,
    children: [],
    values: [],
    texts: [],
    attributes: [],
    holder: undefined,
    tables: [],
  };
  parent?.children.push(node);
  return node;
};

const toCheck = (b: Builder, predicate: Predicate): Check => {
  switch (predicate.kind) {
    case 'position':
      return predicate;
    case 'attribute':
      return {
        kind: 'attribute',
        name: resolveTest(predicate.name, 'attribute', b.namespaces),
        value: predicate.value,
      };
    case 'child':
      return { kind: 'child' };
  }
};

/** The node of a step below another, made if no path has taken it yet. */
const toChild = (b: Builder, parent: Node, step: Step): Node => {
  const name = resolveTest(step.name, 'element', b.namespaces);
  const checks = step.predicates.map((predicate) => toCheck(b, predicate));
  const key = printStep(step);
  const known = parent.children.find((child) => child.key === key);
  if (known !== undefined) return known;
  const node = newNode(b.nodes++, parent, { key, name, checks, decides: undefined });
  for (const [check, { kind, ...of }] of step.predicates.entries()) {
    if (kind !== 'child' || !('value' in of)) continue;
    const decides = { late: node.id, check, value: of.value };
    const decider = resolveTest(of.name, 'element', b.namespaces);
    newNode(b.nodes++, node, { key: `decides ${check}`, name: decider, checks: [], decides });
  }
  return node;
};

const walk = (b: Builder, from: Node, steps: readonly Step[]): Node =>
  steps.reduce((node, step) => toChild(b, node, step), from);

/** The chain of nodes from the root along absolute steps: chain[n] is after n steps. */
const toChain = (b: Builder, steps: readonly Step[]): readonly Node[] => {
  const chain = [b.root];
  for (const step of steps) chain.push(toChild(b, chain.at(-1) ?? b.root, step));
  return chain;
};

const toHolder = (b: Builder, chain: readonly Node[], depth: number): number => {
  const node = chain[depth] ?? b.root;
  if (node.holder === undefined) {
    // Holders above are found when all are made: see `linkHolders`.
    node.holder = b.holders.push({ parent: undefined, depth, paths: [], wanted: new Map() }) - 1;
  }
  return node.holder;
};

const toTarget = (b: Builder, holder: number, from: Node, path: Path, isWanted: boolean): Target => {
  const last = walk(b, from, path.steps);
  const end = path.end;
  const key = `${holder} ${last.id} ${isWanted} ${JSON.stringify(end)}`;
  const known = b.slots.get(key);
  if (known !== undefined) return known;
  const of = b.holders[holder];
  if (of === undefined) throw new Error(`no holder ${holder}`);
  const target = { holder, slot: of.paths.push(path.text) - 1 };
  b.slots.set(key, target);
  if (end.kind === 'element') last.values.push(target);
  else if (end.kind === 'text') last.texts.push(target);
  else last.attributes.push({ name: resolveTest(end.name, 'attribute', b.namespaces), target });
  return target;
};

const parseRows = (table: TableContract): Path => {
  const path = parsePath(table.rows);
  if (!path.isAbsolute || path.end.kind !== 'element') {
    throw new RowsRefused(table, ', allowed: an absolute path of elements');
  }
  return path;
};

const toColumns = (b: Builder, table: TableContract, chain: readonly Node[], parent?: TableContract) =>
  table.columns.map((column): ColumnPlan => {
    const type = toColumnTyper(column);
    const { source } = column;
    if (source.kind === 'ordinal') return { name: column.name, path: 'ordinal', type, source };
    if (source.kind === 'parent') {
      const index = parent?.columns.findIndex((other) => other.name === source.column) ?? -1;
      if (index < 0)
        throw new InvalidInput(`${table.table}.${column.name}: no parent column ${source.column}`);
      return {
        name: column.name,
        path: `parent ${source.column}`,
        type,
        source: { kind: 'parent', column: index },
      };
    }
    const path = parsePath(source.path);
    const depth = path.isAbsolute ? 0 : chain.length - 1 - path.ups;
    if (depth < 0)
      throw new InvalidInput(`${table.table}.${column.name}: ${path.text} climbs above the document`);
    const from = chain[depth] ?? b.root;
    const target = toTarget(b, toHolder(b, chain, depth), from, path, false);
    return { name: column.name, path: source.path, type, source: { kind: 'slot', ...target } };
  });

/** A predicate on a child's value above the record would hold back every record below it. */
const refuseLateAbove = (table: TableContract, chain: readonly Node[]): void => {
  const record = chain.findIndex((node) => node.tables.length > 0);
  if (chain.slice(0, record < 0 ? -1 : record).some((node) => node.isLate)) {
    throw new RowsRefused(table, ": a predicate on a child's value above the record cannot be streamed");
  }
};

const addTable = (b: Builder, contract: Contract, index: number, plans: readonly TablePlan[]): TablePlan => {
  const table = contract.tables[index];
  if (table === undefined) throw new Error(`no table ${index}`);
  const rows = parseRows(table);
  const chain = toChain(b, rows.steps);
  const own = chain.at(-1) ?? b.root;
  refuseLateAbove(table, chain);
  const parentIndex =
    table.parent === undefined
      ? -1
      : contract.tables.findIndex((other) => other.table === table.parent?.table);
  const parent = plans[parentIndex];
  if (table.parent !== undefined) {
    const above =
      parent === undefined ? -1 : chain.slice(0, -1).findIndex((node) => node.tables.includes(parentIndex));
    if (above < 0) {
      throw new RowsRefused(table, `, which is not below those of ${table.parent.table}`);
    }
  }
  own.tables.push(index);
  const columns = toColumns(b, table, chain, contract.tables[parentIndex]);
  const cursor = index === 0 ? columns.findIndex((column) => column.name === contract.cursor) : -1;
  return {
    table: table.table,
    holder: toHolder(b, chain, chain.length - 1),
    parent: parent === undefined ? undefined : parentIndex,
    columns,
    cursor: cursor < 0 ? undefined : cursor,
  };
};

/** Gives every holder the nearest one around it, so that a row finds its ancestors' values. */
const linkHolders = (b: Builder, node: Node, around: number | undefined): void => {
  const holder = node.holder === undefined ? undefined : b.holders[node.holder];
  if (holder !== undefined && node.holder !== undefined) {
    b.holders[node.holder] = { ...holder, parent: around };
  }
  for (const child of node.children) linkHolders(b, child, node.holder ?? around);
};

/** Compiles a contract and the values wanted besides. Throws InvalidInput for paths that cannot be streamed. */
export const toPlan = (contract: Contract, wanted: Readonly<Record<string, string>>): Plan => {
  const holders: Holder[] = [{ parent: undefined, depth: 0, paths: [], wanted: new Map() }];
  const any = { uri: undefined, local: undefined };
  const root = newNode(0, undefined, { key: '', name: any, checks: [], decides: undefined });
  root.holder = 0;
  const b: Builder = { namespaces: contract.namespaces, root, holders, slots: new Map(), nodes: 1 };
  const tables: TablePlan[] = [];
  for (const index of contract.tables.keys()) tables.push(addTable(b, contract, index, tables));
  for (const [name, text] of Object.entries(wanted)) {
    const path = parsePath(text);
    if (!path.isAbsolute)
      throw new InvalidInput(`path ${text} of ${name} is relative, allowed: an absolute path`);
    holders[0]?.wanted.set(toTarget(b, 0, root, path, true).slot, name);
  }
  linkHolders(b, root, undefined);
  const roots = contract.tables.map((table) => {
    const first = parseRows(table).steps[0];
    if (first === undefined) throw new RowsRefused(table, ': no step');
    return {
      name: resolveTest(first.name, 'element', contract.namespaces),
      text: printStep({ ...first, predicates: [] }),
    };
  });
  return { root, holders, tables, roots };
};
