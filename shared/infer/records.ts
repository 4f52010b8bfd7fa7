import { KNOWN_SHAPES, type KnownShape } from './known-shapes.ts';
import { MOST_RECORD } from './limits.ts';
import { type ElementPlace, isPlain, isRepeated, type Shape, weightOf } from './shape.ts';

/** Which elements are the records of a document. */

export interface Records {
  /** The heaviest first; none where the document has no values. */
  readonly places: readonly ElementPlace[];
  readonly known: KnownShape | undefined;
}

export const findRecords = ({ root }: Shape): Records => {
  if (root === undefined) return { places: [], known: undefined };
  for (const known of KNOWN_SHAPES) {
    const places = known.records(root);
    if (places !== undefined) return { places: byWeight(places), known };
  }
  const found = byWeight(topmost(root));
  const single = singleOf(root);
  if (single === undefined) return { places: found, known: undefined };
  const covered = found.reduce((sum, place) => sum + weightOf(place), 0);
  // Most of the document stands around what repeats: it is one record, with lists in it.
  const isOne =
    found.length === 0 || (covered * 2 < weightOf(single) && single.mostMarkupBytes < MOST_RECORD);
  return { places: isOne ? [single] : found, known: undefined };
};

const byWeight = (places: readonly ElementPlace[]): readonly ElementPlace[] =>
  places
    .map((place) => ({ place, weight: weightOf(place) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ place }) => place);

/** The outermost elements that repeat, and those that are records though there is one only. */
const topmost = (place: ElementPlace): readonly ElementPlace[] => {
  if (place.isFolded || !hasValue(place)) return [];
  if (isRepeated(place) || isOneRecord(place)) return [place];
  return [...place.children.values()].flatMap(topmost);
};

/** Paths at most that one value each stands at, without those of elements that repeat. */
const countPaths = (place: ElementPlace): number => {
  let paths = place.attributes.size;
  for (const child of place.children.values()) {
    if (isRepeated(child)) continue;
    paths += (child.parents === 0 ? 1 : 0) + countPaths(child);
  }
  return paths;
};

const listRepeated = (place: ElementPlace): readonly ElementPlace[] =>
  [...place.children.values()].flatMap((child) => (isRepeated(child) ? [child] : listRepeated(child)));

/** Of what repeats so often in one element, and has half as many values as that, each is a record, and not the element. */
const MANY = 20;

/**
 * An element that is there once, with more values of its own than what repeats in it has: a record with lists, and no wrapper of records.
 */
const isOneRecord = (place: ElementPlace): boolean => {
  const own = [...place.children.values()].filter((child) => isPlain(child) && !isRepeated(child)).length;
  const values = own + (place.up === undefined ? 0 : place.attributes.size);
  if (values < 2 || place.mostMarkupBytes >= MOST_RECORD) return false;
  const paths = countPaths(place);
  return listRepeated(place).every((child) => {
    const own = countPaths(child);
    const isRecord = child.mostInParent >= MANY && own * 2 >= paths;
    return paths > own && !isRecord;
  });
};
/** The one element that holds all: the root, or what its wrappers lead to. Undefined where there is no value at all. */
const singleOf = (root: ElementPlace): ElementPlace | undefined => {
  let place = root;
  for (;;) {
    const children = [...place.children.values()];
    const [only] = children;
    const hasOwn = place.attributes.size > 0 && place.up !== undefined;
    if (
      hasOwn ||
      children.length !== 1 ||
      only === undefined ||
      isPlain(only) ||
      only.isFolded ||
      isRepeated(only) ||
      place.mixed > 0
    )
      break;
    place = only;
  }
  return [place, root].find(hasValue);
};

const hasValue = (place: ElementPlace): boolean =>
  (place.isFolded && place.parents > 0) ||
  place.text.filled > 0 ||
  place.mixed > 0 ||
  [...place.attributes.values()].some(({ values }) => values.filled > 0) ||
  [...place.children.values()].some(hasValue);
