import { closest, nearest } from '../model/nearest.ts';
import type { Node } from './matcher-shape.ts';
import { isNamed, type NameMatch, XML_URI, XSI_URI } from './names.ts';
import type { State, Trail } from './state.ts';

/** What a document held, by place: to say what nothing maps, and what a path that matched nothing may have meant. */

/** A place that no column reads, as an absolute path in the feed's own prefixes, and how often it was there. */
export interface Unmapped {
  readonly path: string;
  readonly count: number;
}

/** The last part of a path that is looked for. */
export interface Wanted {
  readonly steps: readonly (NameMatch & { readonly isDeep: boolean })[];
  /** Undefined where an element is wanted. */
  readonly attribute: NameMatch | undefined;
  readonly hasPredicates: boolean;
}

/** One element name at one place; the root stands for the document. */
export interface Place {
  readonly label: string;
  readonly uri: string;
  readonly local: string;
  readonly children: Map<string, Place>;
  readonly attributes: Map<string, Leaf>;
  /** It is that of elements at any depth. */
  readonly isDeep: boolean;
  isRead: boolean;
  /** Whatever is in it is read. */
  isWhole: boolean;
  /** Elements at it. */
  count: number;
  /** Elements of records without child elements, which nothing reads. */
  unread: number;
}

interface Leaf {
  readonly label: string;
  readonly uri: string;
  readonly local: string;
  isRead: boolean;
  /** In records. */
  count: number;
}

const newPlace = (label: string, uri: string, local: string, isDeep: boolean): Place => ({
  label: isDeep ? `/${label}` : label,
  isDeep,
  uri,
  local,
  children: new Map(),
  attributes: new Map(),
  isRead: false,
  isWhole: false,
  count: 0,
  unread: 0,
});

/** A name as a path of the feed would write it. */
const toLabel = (
  { uri, local }: { readonly uri: string; readonly local: string },
  of: 'element' | 'attribute',
  namespaces: Readonly<Record<string, string>>,
): string => {
  if (local === '*' || uri === (of === 'element' ? (namespaces.default ?? '') : '')) return local;
  if (uri === XML_URI) return `xml:${local}`;
  const prefix = Object.keys(namespaces).find((key) => key !== 'default' && namespaces[key] === uri);
  return `${prefix ?? '*'}:${local}`;
};

const isAttributeRead = (nodes: readonly Node[], uri: string, local: string): boolean =>
  uri === XSI_URI ||
  nodes.some(
    (node) =>
      node.attributes.some(({ name }) => isNamed(name, uri, local)) ||
      node.checks.some((check) => check.kind === 'attribute' && isNamed(check.name, uri, local)),
  );

/** Whether the element's attributes are kept with it. */
const keepsAttributes = ({ captures }: State): boolean =>
  captures.some(({ form }) => form.kind === 'xml' || form.kind === 'json');

/** The states of a walk as one tree of places: states of one place differ in the namespaces in scope alone, or in predicates. */
export const toPlaces = (met: readonly State[], namespaces: Readonly<Record<string, string>>): Place => {
  const root = newPlace('', '', '', false);
  const placeOf = (trail: Trail | undefined): Place => {
    if (trail === undefined) return root;
    const around = placeOf(trail.up);
    const key = `${trail.uri} ${trail.local}${trail.isDeep ? ' deep' : ''}`;
    const known = around.children.get(key);
    if (known !== undefined) return known;
    const place = newPlace(toLabel(trail, 'element', namespaces), trail.uri, trail.local, trail.isDeep);
    around.children.set(key, place);
    return place;
  };
  for (const state of met) {
    if (state.count === 0 || state.trail === undefined) continue;
    const place = placeOf(state.trail);
    place.isRead ||= !state.isUnread;
    place.isWhole ||= state.captures.length > 0 || state.subtrees.length > 0;
    place.count += state.count;
    // Elements that a predicate leaves out of the rows are at the rows' place, and in no record.
    if (state.trail.isInRecord) place.unread += state.leaves;
    const isInRecord = state.trail.isInRecord || state.rows.length > 0;
    for (const { uri, local, count } of state.seen) {
      const key = `${uri} ${local}`;
      const leaf = place.attributes.get(key) ?? {
        label: `@${toLabel({ uri, local }, 'attribute', namespaces)}`,
        uri,
        local,
        isRead: false,
        count: 0,
      };
      leaf.isRead ||= keepsAttributes(state) || isAttributeRead(state.nodes, uri, local);
      if (isInRecord) leaf.count += count;
      place.attributes.set(key, leaf);
    }
  }
  return root;
};

/** What lies in records and nothing reads, the most frequent first: elements without children, and attributes, of rows too. */
export const listUnmapped = (root: Place): readonly Unmapped[] => {
  const found: Unmapped[] = [];
  const visit = (place: Place, path: string): void => {
    if (place.unread > 0) found.push({ path, count: place.unread });
    for (const { label, count, isRead } of place.attributes.values())
      if (!isRead && count > 0) found.push({ path: `${path}/${label}`, count });
    if (place.isWhole) return;
    for (const child of place.children.values()) visit(child, `${path}/${child.label}`);
  };
  visit(root, '');
  return found.sort((one, other) => other.count - one.count);
};

type WantedStep = Wanted['steps'][number];

/** Elements at any depth have their place at the root, whatever is around them. */
const childOf = (root: Place, place: Place, step: WantedStep): Place | undefined =>
  [...(step.isDeep ? root : place).children.values()].find(
    ({ uri, local, isDeep }) => isDeep === step.isDeep && isNamed(step, uri, local),
  );

/** How many elements a path without predicates leads to. */
export const countAt = (root: Place, steps: Wanted['steps']): number => {
  const last = steps.reduce<readonly Place[]>(
    (places, step) =>
      places.flatMap((place) =>
        [...(step.isDeep ? root : place).children.values()].filter(
          ({ uri, local, isDeep }) => isDeep === step.isDeep && isNamed(step, uri, local),
        ),
      ),
    [root],
  );
  return [...new Set(last)].reduce((sum, { count }) => sum + count, 0);
};

interface Candidate {
  readonly label: string;
  readonly local: string;
  readonly isRead: boolean;
  readonly place: Place | undefined;
}

const descendantsOf = (place: Place): readonly Place[] => {
  const found = [...place.children.values()];
  for (let index = 0; index < found.length; index += 1)
    found.push(...(found[index]?.children.values() ?? []));
  return found;
};

/**
 * What stands at a place instead of a name: what nothing reads under a name much like it, or else what is read under such a name, or
 * else the closest that nothing reads. Of two of one name it is the first kind of `kinds`.
 */
const findClosest = (
  place: Place,
  local: string,
  kinds: readonly ('element' | 'attribute')[],
  isDeep = false,
): Candidate | undefined => {
  const below = isDeep ? descendantsOf(place) : [...place.children.values()];
  const elements = below.map((child) => ({
    ...child,
    label: isDeep && !child.isDeep ? `/${child.label}` : child.label,
    place: child,
  }));
  const attributes = [...place.attributes.values()].map((leaf) => ({ ...leaf, place: undefined }));
  const of = { element: elements, attribute: attributes };
  const all: readonly Candidate[] = kinds.flatMap((kind): readonly Candidate[] => of[kind]);
  // Of all that a document has, only what is written much alike can be meant.
  const unread = isDeep ? [] : all.filter(({ isRead }) => !isRead);
  const names = (candidates: readonly Candidate[]) => candidates.map((one) => one.local);
  const best =
    nearest(local, names(unread)) ?? nearest(local, names(all)) ?? closest(local, names(unread))?.candidate;
  return [...unread, ...all].find((one) => one.local === best);
};

/** The labels, from the root, of what the document has nearest to a path that matched nothing; undefined where it has nothing like it. */
export const findNearest = (root: Place, wanted: Wanted, isRows: boolean): readonly string[] | undefined => {
  const labels: string[] = [];
  let place = root;
  let hasErred = false;
  for (const [index, step] of wanted.steps.entries()) {
    const isLast = index === wanted.steps.length - 1 && wanted.attribute === undefined && !isRows;
    const child = childOf(root, place, step);
    const next =
      child === undefined && !hasErred
        ? findClosest(
            place,
            step.local ?? '',
            isLast && !step.isDeep ? ['element', 'attribute'] : ['element'],
            step.isDeep,
          )
        : undefined;
    const label = child?.label ?? next?.label;
    if (label === undefined) return hasErred || index > 1 ? labels : undefined;
    labels.push(label);
    hasErred ||= child === undefined;
    const below = child ?? next?.place;
    if (below === undefined) return labels;
    place = below;
  }
  if (wanted.attribute === undefined) return hasErred || wanted.hasPredicates ? labels : undefined;
  return [...labels, ...endOf(place, wanted.attribute, hasErred)];
};

/** The attribute that is wanted, or the one in its stead; without any the element stands for itself. */
const endOf = (place: Place, attribute: NameMatch, hasErred: boolean): readonly string[] => {
  const same = [...place.attributes.values()].find(({ uri, local }) => isNamed(attribute, uri, local));
  const other =
    same ?? (hasErred ? undefined : findClosest(place, attribute.local ?? '', ['attribute', 'element']));
  return other === undefined ? [] : [other.label];
};
