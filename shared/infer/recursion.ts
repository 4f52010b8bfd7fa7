import { ancestorsOf, type ElementPlace, isPlain, isSameName } from './shape.ts';

/**
 * Whether elements stand within elements of their own name, and go on as those do: a fixed path reaches one depth of them alone. Such that
 * merely share a name, as in `type/type`, have other content.
 */
export const isRecursive = (place: ElementPlace, record: ElementPlace): boolean => {
  if (place.isFolded) return place.parents > 0;
  if (isPlain(place)) return false;
  const above = ancestorsOf(place);
  const within = above.slice(0, above.indexOf(record) + 1);
  return within.some((other) => isSameName(other, place) && hasSameContent(place, other));
};

const hasSameContent = (place: ElementPlace, other: ElementPlace): boolean =>
  [...place.children.keys()].some((key) => other.children.has(key)) ||
  [...place.attributes.keys()].some((key) => other.attributes.has(key));
