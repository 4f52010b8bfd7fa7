import { InvalidInput } from '../../errors.ts';
import { type Path, parsePaths, printStep } from '../../model/path.ts';
import type { Namespaces } from './paths.ts';
import { checkPrefixes, covers, fromRoot, haveOtherRoots, readPath, startsWith } from './paths.ts';

/** Which paths a column may have: what it reads stands before the first record, or in the row's own. */

export interface PathContext {
  readonly rows: Path;
  /** Rows of the tables above: what lies below them is no envelope. */
  readonly rowsAbove: readonly Path[];
  readonly namespaces: Namespaces;
}

/** Whether the path starts from the record or below: all of a record is there before its rows are made. */
const isWithinRecord = (path: Path, { rows, rowsAbove }: PathContext): boolean => {
  const depths = [rows, ...rowsAbove].filter((other) => startsWith(rows, other));
  const record = Math.min(...depths.map((other) => other.steps.length));
  return !path.isAbsolute && rows.steps.length - path.ups >= record;
};

/** What is around the records has to be known before the first one: every document would fail for the rest. */
const refuseLateEnvelope = (path: Path, context: PathContext): void => {
  const { rows, rowsAbove, namespaces } = context;
  const whole = fromRoot(rows, path);
  const around = [rows, ...rowsAbove].find((other) => startsWith(whole, other));
  if (around !== undefined) {
    throw new InvalidInput(
      `got '${path.text}', allowed a path relative to the rows ${rows.text}, or one of the envelope around ${around.text}`,
    );
  }
  if (path.isAbsolute && haveOtherRoots(path, rows, namespaces)) {
    throw new InvalidInput(`got '${path.text}', allowed a path from the root of the rows ${rows.text}`);
  }
  // Other elements may have closed before the records; the root has not.
  if (path.isAbsolute && path.steps[0]?.predicates.some(({ kind }) => kind === 'child')) {
    throw new InvalidInput(
      `got '${path.text}', allowed no predicate on a child's value at the root, which is known only after the rows`,
    );
  }
  if (path.end.kind !== 'attribute' && path.end.kind !== 'name' && covers(whole, rows, namespaces))
    refuseAround(path);
};

const refuseAround = ({ text }: Path): never => {
  throw new InvalidInput(
    `got '${text}', allowed of the elements around the rows their attributes, as in ../@name: they are complete only after the rows`,
  );
};

/** Reads a column's paths, alternatives in their order. Throws InvalidInput for one that is none, or that no document can give. */
export const readColumnPaths = (text: string, context: PathContext): readonly Path[] => {
  const paths = parsePaths(text);
  for (const path of paths) checkColumnPath(path, context);
  return paths;
};

const checkColumnPath = (path: Path, context: PathContext): void => {
  const { text } = path;
  const { rows, namespaces } = context;
  checkPrefixes(path, namespaces);
  const climbed = rows.steps.slice(Math.max(0, rows.steps.length - path.ups)).find(({ isDeep }) => isDeep);
  if (climbed !== undefined) {
    const name = printStep(climbed).slice(1);
    throw new InvalidInput(
      `got '${text}', allowed no '..' over //${name} of ${rows.text}: write //*/${name} there`,
    );
  }
  if (path.ups >= rows.steps.length) {
    throw new InvalidInput(
      `got '${text}', allowed at most ${rows.steps.length - 1} times '..' below ${rows.text}`,
    );
  }
  if (!isWithinRecord(path, context)) refuseLateEnvelope(path, context);
  // It holds the row, so it has elements and no value.
  if (path.ups > 0 && path.steps.length === 0 && path.end.kind === 'element') refuseAround(path);
};

/** Reads a path below a match, as those of a map's keys and values. Throws InvalidInput. */
export const readPathBelow = (text: string, namespaces: Namespaces): Path => {
  const path = readPath(text, namespaces);
  const isLate = path.steps.some(({ predicates }) => predicates.some(({ kind }) => kind === 'child'));
  if (!path.isAbsolute && path.ups === 0 && !isLate) return path;
  throw new InvalidInput(
    `got '${text}', allowed a path below the match, as in key or @name, without a predicate on a child's value`,
  );
};
