import { DocumentMismatch, XmlLimitExceeded } from '../errors.ts';
import { type Found, isJson } from '../values/found.ts';
import { lengthOf as lengthOfSpan, NO_SPAN, type Span } from '../values/spans.ts';
import { contextsOf, reach } from './contexts.ts';
import { copyOf } from './copy.ts';
import { anyVerdict, type Entry, type Guard, type Holding, isGuarded } from './record.ts';
import type { Placed } from './state.ts';
import type { Frame, Walk } from './walk.ts';

/** What a value or a row costs of the record's size besides its characters. */
const VALUE_COST = 16;

/** Puts a value into its slot; one that comes after the first record, where rows have read it, is an error. */
export const put = (walk: Walk, { depth }: Frame, placed: Placed, found: Found): void => {
  const contexts = contextsOf(walk, depth, placed);
  const value = typeof found === 'string' && outlivesText(walk) ? copyOf(found) : found;
  const first = contexts[0];
  if (contexts.length === 1 && first?.holding.holder === placed.holder) {
    putInto(walk, first.holding, first.guard && [first.guard], placed, value);
    return;
  }
  for (const [holding, guards] of reach(contexts, placed.holder))
    putInto(walk, holding, guards, placed, value);
};

/** Puts a text where it stands: as a span, where it is the first of a slot of the open record and counts anyway. */
export const putSpan = (walk: Walk, frame: Frame, placed: Placed, span: Span): void => {
  const { recordDepth, spanned } = walk;
  const contexts = contextsOf(walk, frame.depth, placed);
  const context = contexts[0];
  const holding = context?.holding;
  if (
    recordDepth === 0 ||
    contexts.length !== 1 ||
    holding === undefined ||
    holding.holder !== placed.holder ||
    holding.depth < recordDepth ||
    holding.entries[placed.slot] !== undefined
  ) {
    put(walk, frame, placed, walk.textAt(span));
    return;
  }
  const guard = context?.guard;
  holding.entries[placed.slot] = guard === undefined ? span : { guards: [guard], value: span };
  if (spanned[spanned.length - 1] !== holding) spanned.push(holding);
  hold(walk, VALUE_COST + lengthOfSpan(span));
};

/** Makes texts of all spans, before their bytes are others'. */
export const keepSpans = (walk: Walk): void => {
  keepText(walk, walk.top);
  for (const { entries } of walk.spanned) {
    for (let slot = 0; slot < entries.length; slot += 1) {
      const entry = entries[slot];
      if (entry !== undefined && !Array.isArray(entry)) entries[slot] = toKept(walk, entry);
    }
  }
  walk.spanned.length = 0;
};

/** What a slot holds without spans. */
const toKept = (walk: Walk, entry: Entry | Span): Entry => {
  if (typeof entry === 'number') return walk.textAt(entry);
  if (isGuarded(entry) && typeof entry.value === 'number') entry.value = walk.textAt(entry.value);
  return entry;
};

/** Makes the open element's text one that others can be added to. */
export const keepText = (walk: Walk, frame: Frame): void => {
  if (frame.span === NO_SPAN) return;
  frame.text = walk.textAt(frame.span);
  frame.span = NO_SPAN;
};

const putInto = (
  walk: Walk,
  holding: Holding,
  guards: readonly Guard[] | undefined,
  { holder, slot }: Placed,
  value: Found,
): void => {
  const of = walk.matcher.holders[holder];
  if (of === undefined) return;
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
  else holding.entries[slot] = [toKept(walk, known), entry];
  hold(walk, VALUE_COST + lengthOf(value));
};

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
  // What stands outside records is no span.
  const list = (
    Array.isArray(known) ? known : known === undefined || typeof known === 'number' ? [] : [known]
  ).filter((entry) => !isGuarded(entry) || anyVerdict(entry.guards) !== false);
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
