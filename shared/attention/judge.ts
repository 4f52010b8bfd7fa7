import type { Facts } from './facts.ts';
import type { Need } from './need.ts';
import { NEEDS } from './registry.ts';
import type { Finding } from './subject.ts';

/** A state that a feed is in, and why. */
export interface Standing {
  readonly need: Need;
  readonly finding: Finding;
}

/** What is to be told of a feed. */
export interface Judgement {
  readonly enters: readonly Standing[];
  readonly leaves: readonly Need[];
}

/**
 * The states that a feed is in, causes first: what those who ask are shown. A consequence is none of its own while its cause is found
 * or told: who gives a parked batch back has until the next judgement before the feed counts as stale. A person who holds a feed knows why
 * nothing comes. What was told is shown as long as it is so, whatever else is.
 */
export const findStanding = (facts: Facts, told: ReadonlySet<string>): readonly Standing[] => {
  const found = NEEDS.map((need) => ({ need, finding: need.find(facts) }));
  const isKnown =
    facts.isPaused ||
    found.some(
      ({ need, finding }) => need.isOf === 'cause' && (told.has(need.word) || finding !== undefined),
    );
  return found.flatMap(({ need, finding }) => {
    if (finding === undefined) return [];
    const isHidden = need.isOf === 'consequence' && isKnown && !told.has(need.word);
    return isHidden ? [] : [{ need, finding }];
  });
};

/** Compares what is so with what a person was told. Of a feed that a person holds nothing new is told, since that person knows. */
export const judge = (facts: Facts, told: ReadonlySet<string>): Judgement => {
  const standing = findStanding(facts, told);
  const isFound = new Set(standing.map(({ need }) => need.word));
  return {
    enters: facts.isPaused ? [] : standing.filter(({ need }) => !told.has(need.word)),
    leaves: NEEDS.filter(({ word }) => told.has(word) && !isFound.has(word)),
  };
};
