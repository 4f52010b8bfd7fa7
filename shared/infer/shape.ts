import { copyOf } from '../xml/copy.ts';
import { XSI_URI } from '../xml/names.ts';
import { type DistinctPool, newDistinctPool } from './distinct.ts';
import { type InferLimits, MOST_NESTED } from './limits.ts';
import { newValues, type Values } from './values.ts';

/** A document's summary: its paths with counts and statistics, as a tree. Bounded by its limits, whatever the document's size. */

export interface Name {
  readonly uri: string;
  readonly local: string;
  /** As the document wrote it first; empty without one. */
  readonly prefix: string;
}

export interface AttributePlace extends Name {
  readonly values: Values;
  count: number;
}

/** All elements at one path. */
export interface ElementPlace extends Name {
  readonly up: ElementPlace | undefined;
  readonly children: Map<string, ElementPlace>;
  readonly attributes: Map<string, AttributePlace>;
  count: number;
  /** Most such elements in one parent element. */
  mostInParent: number;
  /** The schema says that more may come than the sample has. */
  isMany: boolean;
  /** Elements that have child elements; those among them that have words between these. */
  parents: number;
  mixed: number;
  nils: number;
  /** Text of elements without child elements. */
  readonly text: Values;
  /** Most bytes of an element's own texts, joined; of all text in it; of its markup. */
  mostOwnBytes: number;
  mostTextBytes: number;
  mostMarkupBytes: number;
  /** Names stand within themselves so often that what is in here is not told apart. */
  readonly isFolded: boolean;
  /** Elements below that are not told apart: the limit of places was reached. */
  beyond: number;
  /** The parent element that is being counted in, by its serial number, and how many it has. */
  runOf: number;
  run: number;
}

export interface Shape {
  readonly limits: InferLimits;
  readonly pool: DistinctPool;
  root: ElementPlace | undefined;
  places: number;
  elements: number;
  bytes: number;
  readonly warnings: Set<string>;
  /** Where the document is being read. */
  line: () => number;
}

export const newShape = (limits: InferLimits): Shape => ({
  limits,
  pool: newDistinctPool(limits.keptValues, limits.keyLength),
  root: undefined,
  places: 0,
  elements: 0,
  bytes: 0,
  warnings: new Set(),
  line: () => 1,
});

export const nameKey = ({ uri, local }: Pick<Name, 'uri' | 'local'>): string => `${uri} ${local}`;

const copyName = ({ uri, local, prefix }: Name): Name => ({
  uri: copyOf(uri),
  local: copyOf(local),
  prefix: copyOf(prefix),
});

export const isSameName = (a: Name, b: Name): boolean => a.local === b.local && a.uri === b.uri;

export const ancestorsOf = (place: ElementPlace): readonly ElementPlace[] =>
  place.up === undefined ? [] : [place.up, ...ancestorsOf(place.up)];

/** The place of an element below another; undefined where the limit of places is reached. */
export const placeBelow = (
  shape: Shape,
  up: ElementPlace | undefined,
  name: Name,
): ElementPlace | undefined => {
  if (up === undefined && shape.root !== undefined) return undefined;
  const key = nameKey(name);
  const known = up?.children.get(key);
  if (known !== undefined) return known;
  if (shape.places >= shape.limits.places) return undefined;
  shape.places += 1;
  const above = up === undefined ? [] : [up, ...ancestorsOf(up)];
  const place: ElementPlace = {
    ...copyName(name),
    up,
    children: new Map(),
    attributes: new Map(),
    count: 0,
    mostInParent: 0,
    isMany: false,
    parents: 0,
    mixed: 0,
    nils: 0,
    text: newValues(shape.pool),
    mostOwnBytes: 0,
    mostTextBytes: 0,
    mostMarkupBytes: 0,
    isFolded: above.filter((other) => isSameName(other, name)).length >= MOST_NESTED,
    beyond: 0,
    runOf: 0,
    run: 0,
  };
  if (up === undefined) shape.root = place;
  else up.children.set(key, place);
  return place;
};

/** What an instance document says to its schema, and is no value of a record. */
const isForSchema = ({ uri, local }: Name): boolean => uri === XSI_URI && local !== 'type';

/** The place of an attribute; undefined where the limit of places is reached, and for what only a schema reads. */
export const attributeOf = (shape: Shape, place: ElementPlace, name: Name): AttributePlace | undefined => {
  if (isForSchema(name)) return undefined;
  const key = nameKey(name);
  const known = place.attributes.get(key);
  if (known !== undefined) return known;
  if (shape.places >= shape.limits.places) {
    place.beyond += 1;
    return undefined;
  }
  shape.places += 1;
  const attribute = { ...copyName(name), values: newValues(shape.pool), count: 0 };
  place.attributes.set(key, attribute);
  return attribute;
};

/** Whether the elements hold nothing but a text: no attributes, no child elements. */
export const isPlain = (place: ElementPlace): boolean =>
  place.attributes.size === 0 && place.parents === 0 && place.beyond === 0;

export const isRepeated = (place: ElementPlace): boolean => place.mostInParent > 1 || place.isMany;

/** Elements and attributes at a place and below. */
export const weightOf = (place: ElementPlace): number => {
  let weight = place.count + place.beyond;
  for (const { count } of place.attributes.values()) weight += count;
  for (const child of place.children.values()) weight += weightOf(child);
  return weight;
};

/** The path for people, by the document's own prefixes. */
export const showPath = (place: ElementPlace): string =>
  `${place.up === undefined ? '' : showPath(place.up)}/${showName(place)}`;

export const showName = ({ prefix, local }: Name): string => (prefix === '' ? local : `${prefix}:${local}`);
