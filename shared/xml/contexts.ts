import { XmlLimitExceeded } from '../errors.ts';
import type { Attributes } from './attributes.ts';
import { openGuard } from './checks.ts';
import type { Node } from './matcher-shape.ts';
import { type Context, type Guard, type Holding, isWithin, newHolding } from './record.ts';
import type { Anchored } from './state.ts';
import type { Frame, Walk } from './walk.ts';

/**
 * In which open elements a match stands. A path without `//` matches an element in one way; with `//` the elements that it
 * leads through may lie in each other, and the match counts in each of them.
 */

const NONE: readonly Context[] = [];

/** The contexts of a match, which are those of the nearest node above it that changes them. */
export const contextsOf = (walk: Walk, depth: number, { anchor, hops }: Anchored): readonly Context[] => {
  const frame = walk.frames[depth - hops];
  if (frame === undefined) return NONE;
  const { anchors } = frame.state;
  // It runs for each value: no closure, no iterator.
  for (let index = 0; index < anchors.length; index += 1)
    if (anchors[index]?.node === anchor) return frame.contexts[index] ?? NONE;
  return NONE;
};

const around = (walk: Walk, parent: Frame, node: Node, above: Anchored): readonly Context[] => {
  if (!node.isDeep) return contextsOf(walk, parent.depth, above);
  const index = node.parent === undefined ? -1 : parent.state.deep.indexOf(node.parent);
  return parent.open[index] ?? NONE;
};

/** Opens the holdings and guards of an element, and says what stands open below it. */
export const openContexts = (walk: Walk, frame: Frame, parent: Frame, attributes: Attributes): void => {
  const { state } = frame;
  frame.guards = undefined;
  const { anchors } = state;
  const [only] = anchors;
  // Mostly there is one: an array that grows has room for many.
  frame.contexts =
    only !== undefined && anchors.length === 1
      ? [openAnchor(walk, frame, parent, only, attributes)]
      : openAnchors(walk, frame, parent, attributes);
  frame.open = openBelow(walk, frame, parent);
};

/** Closures stand apart from what is called for each row: they cost a call an object, whether or not they are made. */
const openAnchors = (
  walk: Walk,
  frame: Frame,
  parent: Frame,
  attributes: Attributes,
): (readonly Context[])[] =>
  frame.state.anchors.map((anchor) => openAnchor(walk, frame, parent, anchor, attributes));

const openAnchor = (
  walk: Walk,
  frame: Frame,
  parent: Frame,
  { node, above }: Frame['state']['anchors'][number],
  attributes: Attributes,
): readonly Context[] => {
  let contexts = around(walk, parent, node, above);
  if (node.isLate) contexts = openGuards(frame, node, attributes, contexts);
  return node.holder === undefined ? contexts : openHolding(walk, node, node.holder, contexts);
};

const openGuards = (
  frame: Frame,
  node: Node,
  attributes: Attributes,
  contexts: readonly Context[],
): readonly Context[] => {
  const core = openGuard(node, attributes);
  const guards = contexts.map(({ guard }): Guard => ({ around: guard, core, late: undefined }));
  frame.guards ??= new Map();
  frame.guards.set(node.id, { core, guards });
  return contexts.map(({ holding }, index) => ({ holding, guard: guards[index] }));
};

const openHolding = (walk: Walk, node: Node, holder: number, ups: readonly Context[]): readonly Context[] => {
  const { holders, tables } = walk.matcher;
  const holding = newHolding(
    holder,
    ups,
    walk.depth,
    holders[holder]?.paths.length ?? 0,
    node.tables.length === 0 ? 0 : tables.length,
  );
  walk.recording?.holdings.push(holding);
  // What opens in a record is filled before its rows are made.
  if (walk.recordDepth === 0) walk.unfrozen.push(holding);
  const [first] = ups;
  return ups.length === 1 ? [{ holding, guard: first?.guard }] : inEach(ups, holding);
};

const inEach = (ups: readonly Context[], holding: Holding): readonly Context[] => {
  const guards = new Set(ups.map(({ guard }) => guard));
  return [...guards].map((guard) => ({ holding, guard }));
};

/** The matches below which others may be at any depth: those of the elements around, and the element's own. */
const openBelow = (walk: Walk, frame: Frame, parent: Frame): Frame['open'] => {
  const { state } = frame;
  if (state.ownDeep.length === 0) return parent.open;
  let count = 0;
  return state.deep.map((node) => {
    const inherited = parent.open[parent.state.deep.indexOf(node)] ?? NONE;
    const own = state.ownDeep.find((one) => one.anchored.node === node);
    const all = own === undefined ? inherited : merge(inherited, contextsOf(walk, frame.depth, own.anchored));
    count += all.length;
    if (count > walk.limits.openMatches)
      walk.refuse(
        XmlLimitExceeded,
        `matches of // that are open at once are over openMatches, ${walk.limits.openMatches}`,
      );
    return all;
  });
};

/** Contexts without repeats: elements of one path that lie in each other stand in the same rows. */
const merge = (some: readonly Context[], others: readonly Context[]): readonly Context[] => {
  const known = new Map<Holding, Set<Guard | undefined>>();
  const merged: Context[] = [];
  for (const context of [...some, ...others]) {
    const guards = known.get(context.holding) ?? new Set();
    known.set(context.holding, guards);
    if (guards.has(context.guard)) continue;
    guards.add(context.guard);
    merged.push(context);
  }
  return merged.length === some.length ? some : merged;
};

/** The open holdings of a holder that a match counts in, each with the guards of which one has to hold: none where it does anyway. */
export const reach = (
  contexts: readonly Context[],
  holder: number,
): ReadonlyMap<Holding, readonly Guard[] | undefined> => {
  const found = new Map<Holding, readonly Guard[] | undefined>();
  let next: readonly Context[] = contexts;
  while (next.length > 0) {
    const higher: Context[] = [];
    for (const { holding, guard } of next) {
      if (holding.holder !== holder) {
        for (const up of holding.ups)
          if (isWithin(up.guard, guard)) higher.push({ holding: up.holding, guard });
        continue;
      }
      const known = found.get(holding);
      if (guard === undefined) found.set(holding, undefined);
      else if (!found.has(holding) || known !== undefined) found.set(holding, [...(known ?? []), guard]);
    }
    next = higher.length > 1 ? merge(NONE, higher) : higher;
  }
  return found;
};
