import { XmlLimitExceeded } from '../errors.ts';
import type { Budget, Refuse } from './budget.ts';
import { type DeclaredAttributes, trimTokens } from './doctype.ts';
import type { Limits } from './limits.ts';
import type { Tag } from './saxes.ts';

interface Around {
  readonly limits: Limits;
  readonly budget: Budget;
  readonly refuse: Refuse;
}

/** A start tag's attributes by its element's declarations: tokens trimmed, and those added that it leaves out (XML 1.0, 3.3). */
export const addDefaults = (
  { tokenized, defaults }: DeclaredAttributes,
  tag: Tag,
  attributes: Tag['attributes'] | undefined,
  { limits, budget, refuse }: Around,
): Tag['attributes'] | undefined => {
  for (const name of attributes === undefined ? [] : Object.keys(attributes)) {
    if (attributes !== undefined && tokenized.has(name))
      attributes[name] = trimTokens(attributes[name] ?? '');
  }
  if (defaults.size === 0) return attributes;
  const all: Tag['attributes'] = attributes ?? Object.create(null);
  // The tag itself stands in the document.
  let cost = -tag.name.length - 2;
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
