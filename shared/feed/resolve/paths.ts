import { InvalidInput } from '../../errors.ts';
import type { NameTest, Path, Step } from '../../model/path.ts';
import { parsePath, parsePaths, printPath, printStep } from '../../model/path.ts';

/** Paths of a feed: their prefixes, and how they lie to each other. */

export type Namespaces = Readonly<Record<string, string>>;

const namesOf = (path: Path): readonly NameTest[] => [
  ...path.steps.flatMap((step) => [
    step.name,
    ...step.predicates.flatMap((predicate) => (predicate.kind === 'position' ? [] : [predicate.name])),
  ]),
  ...(path.end.kind === 'attribute' ? [path.end.name] : []),
];

/** Reads a path whose prefixes are all declared. Throws InvalidInput. */
export const readPath = (text: string, namespaces: Namespaces): Path => {
  const path = parsePath(text);
  checkPrefixes(path, namespaces);
  return path;
};

/** Throws InvalidInput for a prefix that is not declared. */
export const checkPrefixes = (path: Path, namespaces: Namespaces): void => {
  for (const name of namesOf(path)) {
    if (name.kind !== 'name' || name.prefix === undefined || name.prefix === 'xml') continue;
    if (name.prefix === 'default' || !Object.hasOwn(namespaces, name.prefix)) {
      const known = Object.keys(namespaces).filter((prefix) => prefix !== 'default');
      throw new InvalidInput(
        `got the prefix '${name.prefix}', allowed those in namespaces${known.length > 0 ? `: ${known.join(' ')}` : ''}`,
      );
    }
  }
};

/** Reads an absolute path. Throws InvalidInput. */
export const readAbsolutePath = (text: string, namespaces: Namespaces): Path => {
  const path = readPath(text, namespaces);
  if (!path.isAbsolute) throw new InvalidInput(`got '${text}', allowed an absolute path such as /${text}`);
  return path;
};

/** The path itself. Throws InvalidInput where it leads to anything but elements. */
export const readElements = (path: Path): Path => {
  if (path.end.kind !== 'element') throw new InvalidInput(`got '${path.text}', allowed a path to elements`);
  return path;
};

/** The absolute path of elements, of given steps. Throws InvalidInput where these are more than a path may have. */
export const elementPath = (steps: readonly Step[]): Path =>
  parsePath(printPath({ isAbsolute: true, ups: 0, steps, end: { kind: 'element' } }));

/** A column's path as one from the document's root. */
export const fromRoot = (rows: Path, path: Path): Path =>
  path.isAbsolute
    ? path
    : {
        ...path,
        isAbsolute: true,
        ups: 0,
        steps: [...rows.steps.slice(0, rows.steps.length - path.ups), ...path.steps],
      };

/** The text of a column's paths from the document's root. */
export const absolutePaths = (rows: Path, text: string): string =>
  parsePaths(text)
    .map((path) => printPath(fromRoot(rows, path)))
    .join(' | ');

/** Whether one path's steps begin with all of another's; a path does so with its own. */
export const startsWith = (path: Path, start: Path): boolean =>
  start.steps.length <= path.steps.length &&
  start.steps.every((step, index) => {
    const own = path.steps[index];
    return own !== undefined && printStep(own) === printStep(step);
  });

export const isBelow = (path: Path, above: Path): boolean =>
  path.steps.length > above.steps.length && startsWith(path, above);

const uriOf = (name: NameTest & { kind: 'name' }, namespaces: Namespaces): string =>
  namespaces[name.prefix ?? 'default'] ?? '';

/** Whether no document can hold both paths, since their roots differ. */
export const haveOtherRoots = (one: Path, other: Path, namespaces: Namespaces): boolean => {
  // Any element may be the root where the first step is one of any depth.
  if (one.steps[0]?.isDeep === true || other.steps[0]?.isDeep === true) return false;
  const [a, b] = [one.steps[0]?.name, other.steps[0]?.name];
  if (a?.kind !== 'name' || b?.kind !== 'name') return false;
  return a.local !== b.local || uriOf(a, namespaces) !== uriOf(b, namespaces);
};

const coversName = (name: NameTest, other: NameTest, namespaces: Namespaces): boolean => {
  if (name.kind === 'any') return true;
  if (other.kind === 'any' || name.local !== other.local) return false;
  if (name.kind === 'anyNamespace') return true;
  return other.kind === 'name' && uriOf(name, namespaces) === uriOf(other, namespaces);
};

/** Whether a path leads to every element of another, or to every one around those. With `//` only the document tells. */
export const covers = (path: Path, other: Path, namespaces: Namespaces): boolean =>
  path.steps.length <= other.steps.length &&
  path.steps.every((step, index) => {
    const own = other.steps[index];
    if (
      own === undefined ||
      step.isDeep === true ||
      own.isDeep === true ||
      !coversName(step.name, own.name, namespaces)
    )
      return false;
    return step.predicates.length === 0 || printStep({ ...step, name: own.name }) === printStep(own);
  });
