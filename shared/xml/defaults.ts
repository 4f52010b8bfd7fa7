import { XmlLimitExceeded } from '../errors.ts';
import type { Budget, Refuse } from './budget.ts';
import { type DeclaredAttributes, trimTokens } from './doctype.ts';
import type { Limits } from './limits.ts';
import type { Raw } from './written.ts';

interface Around {
  readonly limits: Limits;
  readonly budget: Budget;
  readonly refuse: Refuse;
}

/** A start tag's attributes by its element's declarations: tokens trimmed, and those added that it leaves out (XML 1.0, 3.3). */
export const addDefaults = (
  { tokenized, defaults }: DeclaredAttributes,
  element: string,
  attributes: Raw | undefined,
  { limits, budget, refuse }: Around,
): Raw | undefined => {
  if (attributes === undefined && defaults.size === 0) return undefined;
  const all: Record<string, string> = Object.create(null);
  for (const name in attributes) {
    const value = attributes[name] ?? '';
    all[name] = tokenized.has(name) ? trimTokens(value) : value;
  }
  if (defaults.size === 0) return all;
  // The tag itself stands in the document.
  let cost = -element.length - 2;
  for (const [name, value] of defaults) {
    if (all[name] !== undefined) continue;
    all[name] = value;
    cost += 1 + value.length;
  }
  budget.spend(cost);
  if (defaults.size > limits.attributeCount || Object.keys(all).length > limits.attributeCount) {
    refuse(XmlLimitExceeded, `a start tag is over attributeCount, ${limits.attributeCount} attributes`);
  }
  return all;
};
