import { DocumentMismatch, XmlLimitExceeded } from '../errors.ts';
import { type Found, isJson } from '../values/found.ts';
import { contextsOf, reach } from './contexts.ts';
import { copyOf } from './copy.ts';
import { anyVerdict, type Context, type Entry, type Guard, type Holding, isGuarded } from './record.ts';
import { OF_OTHER, type Origin, recordPut } from './shapes/recording.ts';
import type { Placed } from './state.ts';
import type { Frame, Walk } from './walk.ts';

/** What a value or a row costs of the record's size besides its characters. */
export const VALUE_COST = 16;

/** Puts a value into its slot; one that comes after the first record, where rows have read it, is an error. */
export const put = (
  walk: Walk,
  { depth }: Frame,
  placed: Placed,
  found: Found,
  origin: Origin = OF_OTHER,
): void => putIn(walk, contextsOf(walk, depth, placed), placed, found, origin);

/** The same, of a match that stands in these. */
export const putIn = (
  walk: Walk,
  contexts: readonly Context[],
  placed: Placed,
  found: Found,
  origin: Origin = OF_OTHER,
): void => {
  const value = typeof found === 'string' && outlivesText(walk) ? copyOf(found) : found;
  const first = contexts[0];
  if (contexts.length === 1 && first?.holding.holder === placed.holder) {
    putInto(walk, first.holding, first.guard && [first.guard], placed, value, origin);
    return;
  }
  for (const [holding, guards] of reach(contexts, placed.holder))
    putInto(walk, holding, guards, placed, value, origin);
};

const putInto = (
  walk: Walk,
  holding: Holding,
  guards: readonly Guard[] | undefined,
  { holder, slot }: Placed,
  value: Found,
  origin: Origin,
): void => {
  const of = walk.matcher.holders[holder];
  if (of === undefined) return;
  if (walk.recording !== undefined) recordPut(walk.recording, holding, slot, guards, value, origin);
  if (of.wanted.size > 0 && of.wanted.has(slot)) {
    putWanted(walk, holding, slot, guards, value);
    return;
  }
  if (holding.isFrozen) {
    const path = of.paths[slot] ?? '';
    if (guards === undefined) refuseLate(walk, path);
    else for (const guard of guards) guard.late ??= path;
    return;
  }
  const entry: Entry = guards === undefined ? value : { guards, value };
  const known = holding.entries[slot];
  if (known === undefined) holding.entries[slot] = entry;
  else if (Array.isArray(known)) known.push(entry);
  else holding.entries[slot] = [known, entry];
  hold(walk, costOf(value));
};

/** What a value costs of the record's size. */
export const costOf = (found: Found): number => VALUE_COST + lengthOf(found);

const lengthOf = (found: Found): number =>
  typeof found === 'string' ? found.length : isJson(found) ? found.json.length : 0;

/** Most records stand within one piece of text: then their values may be slices of it, since all go together. */
const outlivesText = ({ recordDepth, recordPiece, pieces }: Walk): boolean =>
  recordDepth === 0 || recordPiece !== pieces;

const refuseLate = (walk: Walk, path: string): never =>
  walk.refuse(DocumentMismatch, `${path} matches after the first record, allowed before it alone`);

/** A guard that closes says whether what came too late below it is a match, unless one around it still has to. */
export const closeLate = (walk: Walk, { late, core, around }: Guard): void => {
  if (late === undefined || core.outcome !== true) return;
  if (around === undefined) refuseLate(walk, late);
  else around.late ??= late;
};

/** The first value counts; those whose predicates failed make room. */
const putWanted = (
  walk: Walk,
  holding: Holding,
  slot: number,
  guards: readonly Guard[] | undefined,
  value: Found,
): void => {
  const known = holding.entries[slot];
  const list = (Array.isArray(known) ? known : known === undefined ? [] : [known]).filter(
    (entry) => !isGuarded(entry) || anyVerdict(entry.guards) !== false,
  );
  holding.entries[slot] = list;
  if (list.some((entry) => !isGuarded(entry) || anyVerdict(entry.guards) === true)) return;
  list.push(guards === undefined ? value : { guards, value });
  if (list.length !== 1 || guards !== undefined || typeof value !== 'string') return;
  for (const name of walk.matcher.holders[holding.holder]?.wanted.get(slot) ?? []) walk.onWanted(name, value);
};

/** Counts what is kept against the record's limit. */
export const hold = (walk: Walk, size: number): void => {
  if (walk.recordDepth > 0) {
    walk.held += size;
    if (walk.held > walk.limits.recordSize) refuseSize(walk, 'a record');
  } else {
    walk.heldAround += size;
    if (walk.heldAround > walk.limits.recordSize) refuseSize(walk, 'what stands around the records');
  }
};

const refuseSize = (walk: Walk, what: string): never =>
  walk.refuse(XmlLimitExceeded, `${what} is over recordSize, ${walk.limits.recordSize} characters`);
