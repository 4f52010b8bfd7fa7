import { InvalidInput } from '../errors.ts';
import type { FeedResult } from '../feed/parse-feed.ts';
import { type Budget, buildTables } from './build-tables.ts';
import { findNext } from './find-next.ts';
import { listOutside } from './outside.ts';
import { type InferredSource, printFeed } from './print-feed.ts';
import { findRecords } from './records.ts';
import type { Shape } from './shape.ts';

export interface InferFeedOptions {
  readonly feed: string;
  /** What was read, as the feed's comment names it. */
  readonly sample: string;
  readonly source: InferredSource;
  /** What else is known, as notes at the feed's end. */
  readonly notes?: readonly string[];
  /** Whether the text is a feed: what is printed has to be one. */
  readonly check: (text: string) => FeedResult;
}

/** Tables and columns of a first try; where a load of so many is too large, fewer are tried. */
const FIRST: Budget = { tables: 12, columns: 800 };

/**
 * The feed file that reads documents of a shape. Throws InvalidInput where the sample has no record to learn from.
 */
export const inferFeed = (shape: Shape, options: InferFeedOptions): string => {
  const { places, known } = findRecords(shape);
  if (places.length === 0) {
    const root = shape.root === undefined ? '' : ` its root is <${shape.root.local}>,`;
    throw new InvalidInput(
      `${options.sample}:${root} and there is no record in it; give a sample that has at least one`,
    );
  }
  const found = known?.next === undefined ? findNext(shape, places, pageOf(options.source)) : undefined;
  const next = shape.root === undefined ? undefined : (known?.next?.(shape.root) ?? found?.hint);
  const isRead = found?.hint.kind === 'link' && options.source.kind === 'http';
  const outside = listOutside(shape, places, isRead ? found.values : undefined);
  let budget = FIRST;
  for (;;) {
    const { tables, notes } = buildTables(shape, places, toSchema(options.feed), budget);
    const text = printFeed({
      ...options,
      shape,
      says: known?.says,
      next,
      tables,
      notes: [...notes, ...outside, ...(options.notes ?? [])],
    });
    const result = options.check(text);
    if (result.ok) return text;
    const smaller = shrink(
      budget,
      result.problems.map(({ message }) => message),
    );
    if (smaller === undefined) {
      const [first] = result.problems;
      throw new InvalidInput(
        `${options.sample}: no feed that is right could be made of it: ${first?.message}`,
      );
    }
    budget = smaller;
  }
};

const pageOf = (source: InferredSource): string | undefined =>
  source.kind === 'http' ? source.page : undefined;

/** Whether the shape is one whose server gives its schema too, asked by the parameter. */
export const schemaParamOf = (shape: Shape): readonly [string, string] | undefined =>
  findRecords(shape).known?.schemaParam;

/** Schemas that are none of the user's. */
const toSchema = (feed: string): string =>
  feed.startsWith('pg_') || feed === 'millrace' || feed === 'information_schema' ? `f_${feed}` : feed;

/** What one load may hold is the feed's to say: see parse-feed.ts. */
const shrink = ({ tables, columns }: Budget, problems: readonly string[]): Budget | undefined => {
  if (problems.some((message) => /statements, allowed|tables, allowed/.test(message)) && tables > 1)
    return { tables: tables - 1, columns };
  if (problems.some((message) => /a statement of|columns, allowed/.test(message)) && columns > 1)
    return { tables, columns: Math.floor(columns / 2) };
  return undefined;
};
