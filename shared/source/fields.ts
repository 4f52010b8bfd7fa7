import { InvalidInput } from '../errors.ts';
import type { Contract, TableContract } from '../model/contract.ts';
import type { NameTest, Path, Step } from '../model/path.ts';
import { parsePath, parsePaths, printName, printStep } from '../model/path.ts';

/** What `${fields}` stands for: the elements below the record that a contract reads. */

/** An element below the record: `isRead` when a column reads its own text. */
interface Element {
  isRead: boolean;
  readonly children: Map<string, Element>;
}

const newElement = (): Element => ({ isRead: false, children: new Map() });

const childOf = (element: Element, name: NameTest): Element => {
  const key = printName(name);
  const child = element.children.get(key) ?? newElement();
  element.children.set(key, child);
  return child;
};

/** A place below the record that must come with the answer, and whether its own text must. */
interface Place {
  readonly steps: readonly Step[];
  readonly isRead: boolean;
}

/** Goes down the steps, marking what their predicates read. */
const addPlace = (record: Element, { steps, isRead }: Place): void => {
  let element = record;
  for (const step of steps) {
    if (step.isDeep === true)
      throw new InvalidInput(
        `got /${printStep(step)} in a path below the record, allowed no // where the requests read \${fields}`,
      );
    element = childOf(element, step.name);
    for (const predicate of step.predicates) {
      if (predicate.kind === 'child') childOf(element, predicate.name).isRead = true;
    }
  }
  if (isRead) element.isRead = true;
};

/** An element with children is asked for by them, and by itself only when its own text is read too. */
const print = (element: Element): string => {
  const texts = [...element.children].flatMap(([name, child]) => {
    if (child.children.size === 0) return [name];
    const below = `${name}/${child.children.size > 1 ? `(${print(child)})` : print(child)}`;
    return child.isRead ? [name, below] : [below];
  });
  return texts.join('|');
};

/** Absolute steps of a column's path: its rows' steps, less the ups, and its own. */
const stepsOf = (rows: Path, path: Path): readonly Step[] =>
  path.isAbsolute ? path.steps : [...rows.steps.slice(0, rows.steps.length - path.ups), ...path.steps];

const isRead = ({ end }: Path): boolean => end.kind === 'element' || end.kind === 'text';

const placesOf = (table: TableContract): readonly Place[] => {
  const rows = parsePath(table.rows);
  const columns = table.columns.flatMap(({ source, keyPath, valuePath }) => {
    if (source.kind !== 'path') return [];
    return parsePaths(source.path).flatMap((path) => {
      const steps = stepsOf(rows, path);
      if (keyPath === undefined || valuePath === undefined) return [{ steps, isRead: isRead(path) }];
      return [keyPath, valuePath].map(parsePath).map((below) => ({
        steps: [...steps, ...below.steps],
        isRead: isRead(below),
      }));
    });
  });
  return [{ steps: rows.steps, isRead: false }, ...columns];
};

/**
 * Every mapped path below the record (the first table's rows), in the style of Jazz:
 * `(itemId|id|state/name|comments/(creator/name|content))`. Predicates are left out, but what they read is in;
 * attributes come with their element. Throws InvalidInput for a path of any depth, which is no list of elements.
 */
export const fieldsOf = (contract: Contract): string => {
  const [first] = contract.tables;
  const prefix = first === undefined ? [] : parsePath(first.rows).steps.map(printStep);
  const record = newElement();
  for (const { steps, isRead } of contract.tables.flatMap(placesOf)) {
    const isBelow = prefix.every(
      (text, index) => steps[index] !== undefined && printStep(steps[index]) === text,
    );
    if (isBelow && steps.length > prefix.length)
      addPlace(record, { steps: steps.slice(prefix.length), isRead });
  }
  return `(${print(record)})`;
};
