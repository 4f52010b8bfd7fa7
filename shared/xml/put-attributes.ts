import type { Attributes } from './attributes.ts';
import { countAttribute } from './automaton.ts';
import { put } from './holdings.ts';
import { isNamed } from './names.ts';
import type { SeenAttribute, State } from './state.ts';
import type { Frame, Walk } from './walk.ts';

/** What is done with the attributes of each start tag. */

export const countElement = ({ automaton }: Walk, state: State, { list, uses }: Attributes): void => {
  state.count += 1;
  if (state.isUnread && state.trail === undefined) automaton.elsewhere += 1;
  if (list.length === 0) return;
  if (uses !== undefined && uses.of === state) {
    for (const seen of uses.seen) seen.count += 1;
    return;
  }
  const all: SeenAttribute[] = [];
  for (let index = 0; index < list.length; index += 1) {
    const attribute = list[index];
    const seen = attribute && countAttribute(automaton, state, attribute.uri, attribute.local, index);
    if (seen !== undefined) all.push(seen);
  }
  // One that is not kept apart may be so the next time.
  if (uses === undefined || all.length < list.length) return;
  uses.of = state;
  uses.seen = all;
};

export const putAttributes = (walk: Walk, frame: Frame, { list }: Attributes): void => {
  const wanted = frame.state.attributes;
  for (let at = 0; at < wanted.length; at += 1) {
    const one = wanted[at];
    for (let index = 0; one !== undefined && index < list.length; index += 1) {
      const attribute = list[index];
      if (attribute !== undefined && isNamed(one.name, attribute.uri, attribute.local))
        put(walk, frame, one.placed, attribute.value, index);
    }
  }
};
