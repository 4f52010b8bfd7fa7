import { type Branch, type Condition, IllegalFields } from './fields.ts';
import { parseJazzTime } from './seeded.ts';
import type { Content, Fields, ScalarType, Shape, Value } from './shape.ts';

/** What a request selects of one element, by field name in the document's order. */
export type Selection = ReadonlyMap<string, Selected>;
export interface Selected {
  readonly shape: Shape;
  /** Which items of a repeat are shown. */
  readonly isShown: (content: Content) => boolean;
  readonly below: Selection;
}

/** Thrown for a filter that compares a date with something else; the server answers it as CRRED0106E. */
export class IllegalDate extends Error {
  override readonly name = 'IllegalDate';
}

/** Resolves branches against the fields there are; `place` is the path so far, for messages. Throws IllegalFields or IllegalDate. */
export const toSelection = (branches: readonly Branch[], fields: Fields, place: string): Selection => {
  const wanted = new Map<string, Branch[]>();
  for (const branch of branches) {
    for (const name of namesOf(branch, fields, place))
      wanted.set(name, [...(wanted.get(name) ?? []), branch]);
  }
  const selection = new Map<string, Selected>();
  for (const [name, shape] of Object.entries(fields)) {
    const of = wanted.get(name);
    if (of !== undefined) selection.set(name, toSelected(of, shape, `${place}/${name}`));
  }
  return selection;
};

/** `*` names the scalars of a level; with a path below it, all that has such a level as well. */
const namesOf = (branch: Branch, fields: Fields, place: string): readonly string[] => {
  if (branch.name === '*') {
    const names = Object.entries(fields).filter(
      ([, shape]) => shape.kind === 'scalar' || branch.below.length > 0,
    );
    return names.map(([name]) => name);
  }
  if (fields[branch.name] === undefined) throw invalidName(`${place}/${branch.name}`);
  return [branch.name];
};

const toSelected = (branches: readonly Branch[], shape: Shape, place: string): Selected => {
  const below = branches.flatMap((branch) => branch.below);
  if (shape.kind === 'scalar') {
    const deeper = branches.find((branch) => branch.name !== '*' && branch.below.length > 0)?.below[0];
    if (deeper !== undefined) throw invalidName(`${place}/${deeper.name}`);
    return { shape, isShown: () => true, below: new Map() };
  }
  const filters = branches.flatMap((branch) => (branch.filter === undefined ? [] : [branch.filter]));
  const tests = filters.map((filter) => toTest(filter, shape.fields, place));
  const isShown = (content: Content): boolean => tests.every((test) => test(content));
  return { shape, isShown, below: toSelection(below, shape.fields, place) };
};

const invalidName = (path: string): IllegalFields => new IllegalFields(`${path} is not a valid field name.`);

/** Makes a filter into a predicate. Throws IllegalFields or IllegalDate. */
export const toTest = (
  condition: Condition,
  fields: Fields,
  place: string,
): ((content: Content) => boolean) => {
  if (condition.kind !== 'test') {
    const terms = condition.terms.map((term) => toTest(term, fields, place));
    if (condition.kind === 'and') return (content) => terms.every((term) => term(content));
    return (content) => terms.some((term) => term(content));
  }
  const { path, operator, value } = condition;
  const type = typeAt(path, fields, place);
  const compare = toComparison(type, value);
  const wanted = operator === '=' ? 0 : operator === '<' ? -1 : 1;
  return (content) => valuesAt(content, path).some((text) => compare(text) === wanted);
};

const typeAt = (path: readonly string[], fields: Fields, place: string): ScalarType => {
  let level: Fields = fields;
  for (const name of path) {
    const shape: Shape | undefined = level[name];
    if (shape === undefined) throw invalidName(`${place}/${path.join('/')}`);
    if (shape.kind === 'scalar') return shape.type;
    level = shape.fields;
  }
  throw invalidName(`${place}/${path.join('/')}`);
};

/** Compares an item's text with the filter's value, by the field's type; NaN where they cannot be compared. */
const toComparison = (type: ScalarType, value: string): ((text: string) => number) => {
  if (type === 'date') {
    const limit = parseJazzTime(value);
    if (limit === undefined) throw new IllegalDate(`Invalid date value: ${value}`);
    return (text) => Math.sign((parseJazzTime(text) ?? Number.NaN) - limit);
  }
  if (type === 'number') return (text) => Math.sign(Number(text) - Number(value));
  if (type === 'tags' && /^\|.+\|$/.test(value)) return (text) => (text.includes(value) ? 0 : Number.NaN);
  return (text) => (text === value ? 0 : text < value ? -1 : 1);
};

const valuesAt = (content: Content, path: readonly string[]): readonly string[] => {
  let values: readonly Value[] = [content];
  for (const name of path) values = values.flatMap((value) => stepInto(value, name));
  return values.filter((value) => typeof value === 'string');
};

const stepInto = (value: Value, name: string): readonly Value[] => {
  if (value === null || typeof value === 'string') return [];
  if (isRepeat(value)) return value.flatMap((item) => stepInto(item, name));
  const found = value[name];
  if (found === undefined || found === null) return [];
  return isRepeat(found) ? found : [found];
};

/** `Array.isArray` does not narrow readonly arrays. */
export const isRepeat = (value: Value): value is readonly Content[] => Array.isArray(value);
