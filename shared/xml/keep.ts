import type { Found } from '../values/found.ts';
import { captured, captureOpen, newCapture } from './capture.ts';
import { contextsOf } from './contexts.ts';
import { put } from './holdings.ts';
import { type Entry, isGuarded } from './record.ts';
import type { State } from './state.ts';
import type { Frame, Walk } from './walk.ts';

/** Values that are more than an element's own text: its name, all that is in it, a key with its value. */

export const putName = (walk: Walk, frame: Frame, raw: string): void => {
  const local = raw.slice(raw.indexOf(':') + 1);
  for (const placed of frame.state.names) put(walk, frame, placed, local);
};

export const openCaptures = (
  walk: Walk,
  frame: Frame,
  { scope }: State,
  name: string,
  raw: Readonly<Record<string, string>> | undefined,
): void => {
  for (const placed of frame.state.captures) {
    const capture = newCapture(placed, scope, raw);
    captureOpen(capture, name, raw);
    walk.captures.push(capture);
  }
};

export const endCapture = (walk: Walk, frame: Frame): void => {
  const capture = walk.captures.pop();
  if (capture !== undefined) put(walk, frame, capture.placed, frame.isNil ? null : captured(capture));
};

/** What a slot holds, whatever predicates around the element say: they are those of the pair too. */
const bare = (entry: Entry): Found => (isGuarded(entry) ? entry.value : entry);

export const putPair = (walk: Walk, frame: Frame, pair: State['pairs'][number]): void => {
  const entries = contextsOf(walk, frame.depth, pair)[0]?.holding.entries ?? [];
  const foundAt = (slot: number): readonly Found[] => {
    const entry = entries[slot];
    return (entry === undefined ? [] : Array.isArray(entry) ? entry : [entry]).map(bare);
  };
  put(walk, frame, pair, { keys: foundAt(pair.key), values: foundAt(pair.value) });
};
