import { toColumnTyper, toPresence } from '../columns/way.ts';
import { InvalidInput } from '../errors.ts';
import type { ColumnContract, Contract, TableContract } from '../model/contract.ts';
import { type Path, type Predicate, parsePath, parsePaths, printStep, type Step } from '../model/path.ts';
import { findHash, isHashColumn } from '../model/record-hash.ts';
import type { CaptureForm } from './captures/capture.ts';
import type { Check, ColumnMatcher, Holder, Matcher, Node, TableMatcher, Target } from './matcher-shape.ts';
import { resolveTest } from './names.ts';

/**
 * A contract's paths as one tree. Each node is a step that some path takes; what is to be done when an element matches
 * it stands at the node, so that one walk over the document serves all tables and columns.
 */

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

type NodeKey = Pick<Node, 'key' | 'name' | 'checks' | 'decides' | 'isDeep'>;

const newNode = (id: number, parent: Node | undefined, of: NodeKey): Node => {
  const isLate = of.checks.some((check) => check.kind === 'child');
  const node: Node = {
    ...of,
    id,
    isLate,
    parent,
    depth: parent === undefined ? 0 : parent.depth + 1,
    children: [],
    deep: [],
    values: [],
    texts: [],
    names: [],
    captures: [],
    subtrees: [],
    pairs: [],
    attributes: [],
    holder: undefined,
    tables: [],
  };
  if (of.isDeep) parent?.deep.push(node);
  else parent?.children.push(node);
  return node;
};

const toCheck = (b: Builder, predicate: Predicate): Check => {
  switch (predicate.kind) {
    case 'position':
      return predicate;
    case 'child':
      return { kind: 'child' };
    default:
      return {
        kind: 'attribute',
        test: predicate.kind,
        name: resolveTest(predicate.name, 'attribute', b.namespaces),
        value: 'value' in predicate ? predicate.value : '',
      };
  }
};

/** The node of a step below another, made if no path has taken it yet. */
const toChild = (b: Builder, parent: Node, step: Step): Node => {
  const name = resolveTest(step.name, 'element', b.namespaces);
  const checks = step.predicates.map((predicate) => toCheck(b, predicate));
  const key = printStep(step);
  const isDeep = step.isDeep === true;
  const known = (isDeep ? parent.deep : parent.children).find((child) => child.key === key);
  if (known !== undefined) return known;
  const node = newNode(b.nodes++, parent, { key, name, checks, isDeep, decides: undefined });
  for (const [check, { kind, ...of }] of step.predicates.entries()) {
    if (kind !== 'child' || !('value' in of)) continue;
    const decides = { late: node.id, check, value: of.value };
    const decider = resolveTest(of.name, 'element', b.namespaces);
    newNode(b.nodes++, node, { key: `decides ${check}`, name: decider, checks: [], isDeep: false, decides });
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

const toHolder = (b: Builder, node: Node): number => {
  if (node.holder === undefined) {
    node.holder = b.holders.push({ paths: [], wanted: new Map() }) - 1;
  }
  return node.holder;
};

/** What a column asks of the elements that its path leads to, besides their value. */
interface Wish {
  readonly isWanted?: boolean;
  readonly form?: CaptureForm | undefined;
  /** The form is that of elements with child elements alone. */
  readonly isSubtree?: boolean;
  readonly pair?: { readonly key: Path; readonly value: Path } | undefined;
}

const toTarget = (b: Builder, holder: number, from: Node, path: Path, wish: Wish): Target => {
  const last = walk(b, from, path.steps);
  const end = path.end;
  const pair = wish.pair && `${wish.pair.key.text} ${wish.pair.value.text}`;
  const key = `${holder} ${last.id} ${wish.isWanted} ${wish.form?.kind} ${wish.form?.trims} ${wish.isSubtree} ${pair} ${JSON.stringify(end)}`;
  const known = b.slots.get(key);
  if (known !== undefined) return known;
  const of = b.holders[holder];
  if (of === undefined) throw new Error(`no holder ${holder}`);
  const target = { holder, slot: of.paths.push(path.text) - 1 };
  b.slots.set(key, target);
  if (wish.pair !== undefined) addPair(b, last, target, wish.pair);
  else if (end.kind === 'element' && wish.form !== undefined)
    (wish.isSubtree === true ? last.subtrees : last.captures).push({ ...target, form: wish.form });
  else if (end.kind === 'element') last.values.push(target);
  else if (end.kind === 'name') last.names.push(target);
  else if (end.kind === 'text') last.texts.push(target);
  else last.attributes.push({ name: resolveTest(end.name, 'attribute', b.namespaces), target });
  return target;
};

/** A key and a value of one element: slots of its own, which are read when it closes. */
const addPair = (b: Builder, node: Node, target: Target, { key, value }: NonNullable<Wish['pair']>): void => {
  const holder = toHolder(b, node);
  const slotOf = (path: Path): number => toTarget(b, holder, node, path, {}).slot;
  node.pairs.push({ ...target, key: slotOf(key), value: slotOf(value) });
};

const parseRows = (table: TableContract): Path => {
  const path = parsePath(table.rows);
  if (!path.isAbsolute || path.end.kind !== 'element') {
    throw new RowsRefused(table, ', allowed: an absolute path of elements');
  }
  return path;
};

const toColumns = (b: Builder, table: TableContract, chain: readonly Node[], parent?: TableContract) =>
  table.columns.map((column): ColumnMatcher => {
    const type = toColumnTyper(column);
    const isValue = toPresence(column);
    const { source } = column;
    if (isHashColumn(column))
      return { name: column.name, path: 'hash', type, isValue, source: { kind: 'hash' } };
    if (source.kind === 'ordinal' || source.kind === 'value')
      return { name: column.name, path: source.kind, type, isValue, source };
    if (source.kind === 'parent') {
      const index = parent?.columns.findIndex((other) => other.name === source.column) ?? -1;
      if (index < 0)
        throw new InvalidInput(`${table.table}.${column.name}: no parent column ${source.column}`);
      return {
        name: column.name,
        path: `parent ${source.column}`,
        type,
        isValue,
        source: { kind: 'parent', column: index },
      };
    }
    const alternatives = parsePaths(source.path).map((path): Target => {
      const depth = path.isAbsolute ? 0 : chain.length - 1 - path.ups;
      if (depth < 0)
        throw new InvalidInput(`${table.table}.${column.name}: ${path.text} climbs above the document`);
      const from = chain[depth] ?? b.root;
      const isUp = !path.isAbsolute && chain.slice(depth + 1).some((node) => node.isDeep);
      if (isUp) throw new InvalidInput(`${table.table}.${column.name}: ${path.text} climbs over //`);
      return toTarget(b, toHolder(b, from), from, path, wishOf(column));
    });
    return { name: column.name, path: source.path, type, isValue, source: { kind: 'slot', alternatives } };
  });

/** Of a super an element with child elements is a value too. */
const formOf = ({ as, type, trim }: ColumnContract): CaptureForm | undefined => {
  const kind = as ?? (type.kind === 'super' ? 'json' : undefined);
  return kind && { kind, trims: trim };
};

const wishOf = (column: ColumnContract): Wish => {
  const { keyPath, valuePath } = column;
  return {
    form: formOf(column),
    isSubtree: column.as === undefined,
    pair:
      keyPath === undefined || valuePath === undefined
        ? undefined
        : { key: parsePath(keyPath), value: parsePath(valuePath) },
  };
};

/** A predicate on a child's value above the record would hold back every record below it. */
const refuseLateAbove = (table: TableContract, chain: readonly Node[]): void => {
  const record = chain.findIndex((node) => node.tables.length > 0);
  if (chain.slice(0, record < 0 ? -1 : record).some((node) => node.isLate)) {
    throw new RowsRefused(table, ": a predicate on a child's value above the record cannot be streamed");
  }
};

const addTable = (
  b: Builder,
  contract: Contract,
  index: number,
  matchers: readonly TableMatcher[],
): TableMatcher => {
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
  const parent = matchers[parentIndex];
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
    holder: toHolder(b, own),
    parent: parent === undefined ? undefined : parentIndex,
    columns,
    cursor: cursor < 0 ? undefined : cursor,
    hash: findHash(contract, index),
    isTombstones: table.deletes !== undefined,
  };
};

/** Absolute paths by the names that their values get. */
type NamedPaths = Readonly<Record<string, string>>;

/** Puts values that the caller wants into slots of the document. */
const addWanted = (b: Builder, paths: NamedPaths, wish: Wish): void => {
  const document = b.holders[0];
  for (const [name, text] of Object.entries(paths)) {
    const path = parsePath(text);
    if (!path.isAbsolute)
      throw new InvalidInput(`path ${text} of ${name} is relative, allowed: an absolute path`);
    const { slot } = toTarget(b, 0, b.root, path, { ...wish, isWanted: true });
    document?.wanted.set(slot, [...(document.wanted.get(slot) ?? []), name]);
  }
};

/** What a path's first step asks of a document's root. */
const toRoot = (path: Path, namespaces: Contract['namespaces']): Matcher['roots'][number] | undefined => {
  const [first] = path.steps;
  if (first === undefined) return undefined;
  const name = first.isDeep
    ? { uri: undefined, local: undefined }
    : resolveTest(first.name, 'element', namespaces);
  return { name, text: printStep({ ...first, predicates: [] }) };
};

/** Compiles a contract, and the values and signs wanted besides. Throws InvalidInput for paths that cannot be streamed. */
export const toMatcher = (contract: Contract, wanted: NamedPaths, signs: NamedPaths = {}): Matcher => {
  const holders: Holder[] = [{ paths: [], wanted: new Map() }];
  const any = { uri: undefined, local: undefined };
  const root = newNode(0, undefined, { key: '', name: any, checks: [], isDeep: false, decides: undefined });
  root.holder = 0;
  const b: Builder = { namespaces: contract.namespaces, root, holders, slots: new Map(), nodes: 1 };
  const tables: TableMatcher[] = [];
  for (const index of contract.tables.keys()) tables.push(addTable(b, contract, index, tables));
  addWanted(b, wanted, {});
  addWanted(b, signs, { form: { kind: 'text', trims: true } });
  const { namespaces } = contract;
  const roots = contract.tables.map((table) => {
    const found = toRoot(parseRows(table), namespaces);
    if (found === undefined) throw new RowsRefused(table, ': no step');
    return found;
  });
  const signRoots = Object.values(signs).flatMap((sign) => toRoot(parsePath(sign), namespaces) ?? []);
  return { root, holders, tables, roots, signRoots };
};
