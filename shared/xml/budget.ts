import { XmlLimitExceeded } from '../errors.ts';
import type { Limits } from './limits.ts';

/**
 * What a document may gain by its own declarations beyond what stands in it: each expansion of an entity costs one and its characters,
 * whether or not it gives any, each defaulted attribute likewise. It grows with what was read, so that long documents of many harmless
 * references are read, and a few bytes cannot become work for ever.
 */
export interface Budget {
  /** Throws XmlLimitExceeded when so much more is over the budget. */
  check(cost: number): void;
  /** Counts a cost; what is below nothing costs nothing. */
  spend(cost: number): void;
}

export type Refuse = (kind: new (message: string) => Error, what: string) => never;

/** `read` gives how many characters of the document have been read. */
export const newBudget = (
  { entityExpansion, amplification }: Limits,
  read: () => number,
  refuse: Refuse,
): Budget => {
  let spent = 0;
  const check = (cost: number): void => {
    if (spent + cost <= entityExpansion || spent + cost <= entityExpansion + amplification * read()) return;
    refuse(
      XmlLimitExceeded,
      `entities and attribute defaults are over entityExpansion, ${entityExpansion} characters and expansions, and ${amplification} times what was read`,
    );
  };
  return {
    check,
    spend: (cost) => {
      if (cost <= 0) return;
      check(cost);
      spent += cost;
    },
  };
};
