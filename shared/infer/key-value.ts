import { LONGEST_TEXT_BYTES } from '../values/text.ts';
import { isKeyName } from './read-shape.ts';
import { type AttributePlace, type ElementPlace, isPlain, isRepeated } from './shape.ts';
import type { RelativePath } from './table.ts';
import type { Values } from './values.ts';

/** A part of an element: an attribute, a child's text, or its own. */
interface Part {
  readonly local: string;
  readonly path: RelativePath;
  readonly values: Values;
}

const ofAttribute = (name: AttributePlace): Part => ({
  local: name.local,
  path: { steps: [], end: { kind: 'attribute', name } },
  values: name.values,
});

const ofChild = (child: ElementPlace): Part => ({
  local: child.local,
  path: { steps: [child], end: { kind: 'element' } },
  values: child.text,
});

const VALUE = /^(?:value|text|content|displayValue|val|data)$/i;

/**
 * Elements that repeat and have two parts, a key that no other of the same parent has and a value, are the entries of a map. Undefined
 * for all others.
 */
export const findMap = (
  place: ElementPlace,
):
  | { readonly keyPath: RelativePath; readonly valuePath: RelativePath; readonly keys: Values }
  | undefined => {
  const children = [...place.children.values()];
  const isSimple = children.every((child) => isPlain(child) && !isRepeated(child));
  if (!isRepeated(place) || place.mixed > 0 || !isSimple || place.isFolded || place.beyond > 0)
    return undefined;
  const parts = [...[...place.attributes.values()].map(ofAttribute), ...children.map(ofChild)];
  const hasText = place.text.filled > 0;
  if (hasText && place.parents > 0) return undefined;
  const own: Part = { local: 'text', path: { steps: [], end: { kind: 'element' } }, values: place.text };
  const all = hasText ? [...parts, own] : parts;
  const key = all.find(({ local }) => isKeyName(local));
  const value = all.find((part) => part !== key && VALUE.test(part.local));
  if (all.length !== 2 || key === undefined || value === undefined) return undefined;
  const isKey = key.values.filled === place.count && !key.values.isRepeatedInParent;
  const isShort = Math.max(key.values.mostBytes, value.values.mostBytes) <= LONGEST_TEXT_BYTES;
  return isKey && isShort ? { keyPath: key.path, valuePath: value.path, keys: key.values } : undefined;
};
