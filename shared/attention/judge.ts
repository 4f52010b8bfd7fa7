import type { Facts } from './facts.ts';
import type { Finding, Need } from './need.ts';
import { NEEDS } from './registry.ts';

/** What is to be told of a feed. */
export interface Judgement {
  readonly enters: readonly { readonly need: Need; readonly finding: Finding }[];
  readonly leaves: readonly Need[];
}

/**
 * Compares what is so with what a person was told. Of a feed that a person holds nothing new is told, since that person knows; nor
 * is a consequence of what was told already: who gives a parked batch back has until the next judgement before the feed counts as stale.
 */
export const judge = (facts: Facts, told: ReadonlySet<string>): Judgement => {
  const found = NEEDS.map((need) => ({ need, finding: need.find(facts) }));
  const isKnown = found.some(
    ({ need, finding }) => need.isOf === 'cause' && (told.has(need.word) || finding !== undefined),
  );
  const enters = found.flatMap(({ need, finding }) => {
    if (finding === undefined || told.has(need.word) || facts.isPaused) return [];
    return need.isOf === 'consequence' && isKnown ? [] : [{ need, finding }];
  });
  const leaves = found.flatMap(({ need, finding }) =>
    finding === undefined && told.has(need.word) ? [need] : [],
  );
  return { enters, leaves };
};
