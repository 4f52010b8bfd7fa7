import type { Found } from '../values/found.ts';
import type { Tag } from './captures/capture.ts';
import { newCapture } from './captures/registry.ts';
import { contextsOf } from './contexts.ts';
import { costOf, hold, put, putIn } from './holdings.ts';
import { type Entry, isGuarded } from './record.ts';
import { OF_PAIR, OF_TAG } from './shapes/recording.ts';
import type { Placed, State } from './state.ts';
import type { Frame, Match, Walk } from './walk.ts';

/** Values that are more than an element's own text: its name, all that is in it, a key with its value. */

export const putName = (walk: Walk, frame: Frame, raw: string): void => {
  const local = raw.slice(raw.indexOf(':') + 1);
  for (const placed of frame.state.names) put(walk, frame, placed, local, OF_TAG);
};

/** A start tag within elements that are kept. */
export const addToCaptures = (walk: Walk, tag: Tag): void => {
  for (const { capture } of walk.captures) capture.open(tag);
  checkCaptures(walk);
};

/** Starts to keep elements, each told of its own tag first. */
export const openCaptures = (walk: Walk, frame: Frame, tag: Tag): void => {
  frame.tag = tag;
  for (const placed of frame.state.captures) {
    const capture = newCapture(placed.form);
    capture.open(tag);
    walk.captures.push({ placed, capture, inner: [] });
  }
};

/** The first child element of one whose value is all that is in it, should there be any. */
export const beginSubtrees = (walk: Walk, { state, tag, text }: Frame): void => {
  if (tag === undefined) return;
  for (const placed of state.subtrees) {
    const capture = newCapture(placed.form);
    capture.open(tag);
    capture.text(text);
    walk.captures.push({ placed, capture, inner: [] });
  }
};

/** The value of such an element: its text, where it has no child elements. */
export const putSubtrees = (walk: Walk, frame: Frame): void => {
  for (const placed of frame.state.subtrees) {
    if (frame.hasElements) endCapture(walk, frame);
    else putInOrder(walk, frame, placed, frame.isNil ? null : frame.text, []);
  }
};

/** Refuses what is kept of open elements once it is over a record's size. */
export const checkCaptures = (walk: Walk): void => {
  let kept = 0;
  for (const { capture } of walk.captures) kept += capture.size();
  for (const { allText } of walk.allText) kept += allText.length;
  if (kept > walk.limits.recordSize) hold(walk, kept);
};

export const endCapture = (walk: Walk, frame: Frame): void => {
  const kept = walk.captures.pop();
  if (kept === undefined) return;
  putInOrder(walk, frame, kept.placed, frame.isNil ? null : kept.capture.value(), kept.inner);
};

/** Values stand in the order of their start tags: what lies in a match of the same slot comes behind it, and waits until that has closed. */
const putInOrder = (
  walk: Walk,
  frame: Frame,
  placed: Placed,
  found: Found,
  inner: readonly Match[],
): void => {
  const match = { contexts: contextsOf(walk, frame.depth, placed), found, inner };
  const outer = walk.captures.findLast(
    (one) => one.placed.slot === placed.slot && one.placed.holder === placed.holder,
  );
  if (outer === undefined) {
    putMatch(walk, placed, match);
    return;
  }
  outer.inner.push(match);
  hold(walk, costOf(found));
};

const putMatch = (walk: Walk, placed: Placed, { contexts, found, inner }: Match): void => {
  putIn(walk, contexts, placed, found);
  for (const one of inner) putMatch(walk, placed, one);
};

/** What a slot holds, whatever predicates around the element say: they are those of the pair too. */
const bare = (entry: Entry): Found => (isGuarded(entry) ? entry.value : entry);

export const putPair = (walk: Walk, frame: Frame, pair: State['pairs'][number]): void => {
  const holding = contextsOf(walk, frame.depth, pair)[0]?.holding;
  const entries = holding?.entries ?? [];
  const foundAt = (slot: number): readonly Found[] => {
    const entry = entries[slot];
    return (entry === undefined ? [] : Array.isArray(entry) ? entry : [entry]).map(bare);
  };
  if (walk.recording !== undefined)
    walk.recording.pair = holding && { holding, key: pair.key, value: pair.value };
  put(walk, frame, pair, { keys: foundAt(pair.key), values: foundAt(pair.value) }, OF_PAIR);
};
