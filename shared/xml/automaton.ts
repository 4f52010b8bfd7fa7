import { copyOf } from './copy.ts';
import type { Node } from './matcher-shape.ts';
import { isNamed, ROOT_SCOPE, type Scope } from './names.ts';
import type { Anchored, Choice, Placed, SeenAttribute, State, Trail } from './state.ts';

/**
 * The matcher's tree as a lazily built automaton: a state is the set of nodes that an element matches, with the namespaces in
 * scope, and an element's raw name leads from its parent's state to its own. So a repeated element costs one look-up.
 */

export interface Automaton {
  readonly states: Map<string, State>;
  readonly scopes: Map<string, Scope>;
  readonly scopeIds: Map<Scope, number>;
  /** Characters of the names and bindings that are remembered. */
  remembered: number;
  /** States that have a trail: what the document holds, by place. */
  readonly met: State[];
  /** Dead states and seen attributes that are kept apart by place so far. */
  places: number;
  /** Elements at further places. */
  elsewhere: number;
}

/** Sets of nodes, and names in one state, that are remembered; over it they are found anew. A document decides both. */
const MOST_STATES = 4096;
const MOST_NAMES = 4096;
/** Characters of names and bindings in all states: a document may have many long ones. */
const MOST_REMEMBERED = 4 * 1024 * 1024;
/** What a remembered name costs besides its characters. */
const NAME_COST = 64;
/** Places of elements and attributes that nothing maps, which are counted one by one; over it they are counted together. */
const MOST_PLACES = 2000;

export const newAutomaton = (): Automaton => ({
  states: new Map(),
  scopes: new Map(),
  scopeIds: new Map([[ROOT_SCOPE, 0]]),
  remembered: 0,
  met: [],
  places: 0,
  elsewhere: 0,
});

/** Scopes that are still open keep working without their ids: they get new ones. */
const forget = (a: Automaton): void => {
  a.scopes.clear();
  a.scopeIds.clear();
  a.scopeIds.set(ROOT_SCOPE, 0);
  a.states.clear();
  a.remembered = 0;
};

const remember = (a: Automaton, characters: number): void => {
  if (a.remembered + characters > MOST_REMEMBERED) forget(a);
  a.remembered += characters;
};

const idOf = (a: Automaton, scope: Scope): number => {
  const known = a.scopeIds.get(scope);
  if (known !== undefined) return known;
  const id = a.scopeIds.size;
  a.scopeIds.set(scope, id);
  return id;
};

/** One object for the same declarations in the same scope, so that repeated ones lead to the same states. */
export const internScope = (a: Automaton, { own, around = ROOT_SCOPE, count }: Scope): Scope => {
  const declared = JSON.stringify([...own].sort());
  if (a.scopes.size >= MOST_STATES || a.scopeIds.size >= 2 * MOST_STATES) forget(a);
  const key = `${idOf(a, around)} ${declared}`;
  const known = a.scopes.get(key);
  if (known !== undefined) return known;
  remember(a, NAME_COST + key.length);
  const bindings = [...own].map(([prefix, uri]) => [copyOf(prefix), copyOf(uri)] as const);
  const kept: Scope = { own: new Map(bindings), around, count };
  a.scopes.set(`${idOf(a, around)} ${declared}`, kept);
  return kept;
};

const isAnchor = ({ holder, isLate, isDeep }: Node): boolean => holder !== undefined || isLate || isDeep;

const anchorOf = (node: Node): Anchored => {
  let anchor = node;
  let hops = 0;
  for (; !isAnchor(anchor) && anchor.parent !== undefined; hops += 1) anchor = anchor.parent;
  return { anchor, hops };
};

const placed = (nodes: readonly Node[], of: 'values' | 'texts' | 'names'): Placed[] =>
  nodes.flatMap((node) => node[of].map((target) => ({ ...target, ...anchorOf(node) })));

/** The nodes around with those here, in one order whatever way led to them. */
const withOwn = (around: readonly Node[], own: readonly Node[]): readonly Node[] =>
  own.length === 0 ? around : [...new Set([...around, ...own])].sort((one, other) => one.id - other.id);

const newState = (
  a: Automaton,
  nodes: readonly Node[],
  around: readonly Node[],
  scope: Scope,
  trail: Trail | undefined,
): State => {
  const ownDeep = nodes.filter((node) => node.deep.length > 0);
  const deep = withOwn(around, ownDeep);
  const anchors = nodes.filter(isAnchor).map((node) => ({ node, above: anchorOf(node.parent ?? node) }));
  const values = placed(nodes, 'values');
  const texts = placed(nodes, 'texts');
  const captures = nodes.flatMap((node) => node.captures.map((one) => ({ ...one, ...anchorOf(node) })));
  const subtrees = nodes.flatMap((node) => node.subtrees.map((one) => ({ ...one, ...anchorOf(node) })));
  const pairs = nodes.flatMap((node) => node.pairs.map((pair) => ({ ...pair, ...anchorOf(node) })));
  const deciders = nodes.flatMap((node) => node.decides ?? []);
  const late = nodes.filter((node) => node.isLate);
  const rows = nodes.flatMap((node) => node.tables.map((table) => ({ table, anchored: anchorOf(node) })));
  const attributes = nodes.flatMap((node) =>
    node.attributes.map(({ name, target }) => ({ name, placed: { ...target, ...anchorOf(node) } })),
  );
  const state: State = {
    nodes,
    scope,
    deep,
    ownDeep: ownDeep.map((node) => ({ anchored: { node, ...anchorOf(node) } })),
    anchors,
    next: [],
    indexes: new Map(),
    candidates: undefined,
    isUnread: nodes.length === 0,
    isDead: nodes.length === 0 && deep.length === 0,
    takesText: values.length > 0 || texts.length > 0 || subtrees.length > 0,
    takesAllText: deciders.length > 0,
    values,
    texts,
    names: placed(nodes, 'names'),
    captures,
    subtrees,
    pairs,
    attributes,
    deciders,
    late,
    rows,
    isPassive:
      anchors.length === 0 &&
      ownDeep.length === 0 &&
      captures.length === 0 &&
      deciders.length === 0 &&
      texts.length === 0,
    trail,
    count: 0,
    leaves: 0,
    seen: [],
    rescoped: nodes.length === 0 && trail !== undefined ? new Map() : undefined,
  };
  if (trail !== undefined && a.met.length < MOST_STATES + MOST_PLACES) a.met.push(state);
  return state;
};

export const internState = (
  a: Automaton,
  nodes: readonly Node[],
  around: readonly Node[],
  scope: Scope,
  trail: Trail | undefined,
): State => {
  const ids = (some: readonly Node[]): string => some.map((node) => node.id).join(' ');
  const key = `${idOf(a, scope)} ${ids(nodes)}/${ids(around)}`;
  const known = a.states.get(key);
  if (known !== undefined && known.scope === scope) return known;
  if (a.states.size >= MOST_STATES) a.states.clear();
  const state = newState(a, nodes, around, scope, trail);
  a.states.set(key, state);
  return state;
};

/** A place that nothing maps: a state of its own, so that it is counted apart, as long as these are few. */
const newUnread = (a: Automaton, around: readonly Node[], scope: Scope, trail: Trail | undefined): State => {
  if (trail === undefined || a.places >= MOST_PLACES) return internState(a, [], around, scope, undefined);
  a.places += 1;
  return newState(a, [], around, scope, trail);
};

/** The state at the same place where a start tag has declared namespaces. */
export const inScope = (a: Automaton, state: State, scope: Scope): State => {
  if (state.rescoped === undefined) return internState(a, state.nodes, state.deep, scope, state.trail);
  const known = state.rescoped.get(scope);
  if (known !== undefined) return known;
  const other = newUnread(a, state.deep, scope, state.trail);
  if (other.trail !== undefined) state.rescoped.set(scope, other);
  return other;
};

/** The state whose transitions an element's name is looked up in: its parent's, or the one for all that is not kept apart. */
export const toLookUp = (a: Automaton, from: State): State =>
  from.isUnread && a.places >= MOST_PLACES ? internState(a, [], from.deep, from.scope, undefined) : from;

/** Counts an attribute, and gives its count where it has one; `index` is where its tag's other elements had it, as a first guess. */
export const countAttribute = (
  a: Automaton,
  { seen }: State,
  uri: string,
  local: string,
  index: number,
): SeenAttribute | undefined => {
  const guess = seen[index];
  const known =
    guess !== undefined && guess.local === local && guess.uri === uri
      ? guess
      : seen.find((one) => one.local === local && one.uri === uri);
  if (known !== undefined) {
    known.count += 1;
    return known;
  }
  if (a.places >= MOST_PLACES) return undefined;
  a.places += 1;
  const first = { uri, local: copyOf(local), count: 1 };
  seen.push(first);
  return first;
};

/** A Choice's outcomes are kept by bits, which numbers have this many of. */
const MOST_CANDIDATES = 30;

const isEarly = (node: Node): boolean => node.checks.length > 0 && node.checks[0]?.kind !== 'child';

/** Where an element of a name leads from a state; remembered under its raw name. Gives its index in `from.next`. */
export const addNext = (
  a: Automaton,
  from: State,
  name: { readonly raw: string; readonly uri: string; readonly local: string },
): number => {
  const candidates = [
    ...from.nodes.flatMap(({ children }) => children),
    ...from.deep.flatMap(({ deep }) => deep),
  ].filter((child) => isNamed(child.name, name.uri, name.local));
  const { scope } = from;
  const isAny = candidates.length > 0 && candidates.every((node) => node.name.local === undefined);
  // Elements at any depth have one place, since they come to one state.
  const isDeep = candidates.some((node) => node.isDeep);
  const trail: Trail = {
    up: isDeep ? undefined : from.trail,
    isDeep,
    uri: copyOf(name.uri),
    local: isAny ? '*' : copyOf(name.local),
    isInRecord: from.rows.length > 0 || from.trail?.isInRecord === true,
  };
  const isKept = !from.isUnread || from.trail !== undefined;
  const to = candidates.some(isEarly)
    ? {
        candidates,
        deep: from.deep,
        scope,
        trail,
        outcomes: new Map(),
        none: newUnread(a, from.deep, scope, trail),
      }
    : candidates.length > 0
      ? internState(a, candidates, from.deep, scope, trail)
      : newUnread(a, from.deep, scope, isKept ? trail : undefined);
  if (from.next.length >= MOST_NAMES) {
    from.next.length = 0;
    from.indexes.clear();
  }
  remember(a, NAME_COST + name.raw.length);
  const raw = copyOf(name.raw);
  const index = from.next.push({ name: raw, to }) - 1;
  from.indexes.set(raw, index);
  return index;
};

/** The state of the candidates that an element matched, as bits. */
export const outcomeOf = (a: Automaton, choice: Choice, matched: readonly boolean[]): State => {
  const bits =
    matched.length > MOST_CANDIDATES ? -1 : matched.reduce((sum, is, bit) => sum + (is ? 1 << bit : 0), 0);
  const known = bits < 0 ? undefined : choice.outcomes.get(bits);
  if (known !== undefined) return known;
  const nodes = choice.candidates.filter((_, index) => matched[index] === true);
  if (nodes.length === 0) return choice.none;
  const state = internState(a, nodes, choice.deep, choice.scope, choice.trail);
  if (bits >= 0 && choice.outcomes.size < MOST_STATES) choice.outcomes.set(bits, state);
  return state;
};
