import { InvalidInput } from '../../errors.ts';
import type { TableContract } from '../../model/contract.ts';
import type { Comparison, Feed, HttpSource } from '../../model/feed.ts';
import { comparisonOf, variablesOfComparison } from '../../source/comparison.ts';
import { parseTemplate, variablesOf } from '../../source/template.ts';
import { checkValueTemplate } from '../../source/value-variables.ts';
import type { CompareKeysDocument } from '../document/deletes.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import { whyNotDeleted } from './deletes.ts';
import { resolveSchedule } from './schedule.ts';
import { resolveParams } from './source.ts';

/** Comparisons of keys: what has to be true of a feed so that a listing of its keys can say what is gone. */

const DEFAULT_AT_MOST: Comparison['atMost'] = { count: 10, percent: 1 };

/** A count alone has no percentage to be over, and so counts by itself, as a percentage does. */
const resolveAtMost = (
  written: CompareKeysDocument['atMost'],
  at: KeyPath,
  check: Check,
): Comparison['atMost'] => {
  if (written === undefined) return DEFAULT_AT_MOST;
  const limits = [written].flat();
  const counts = limits.filter((limit) => typeof limit === 'number');
  const percents = limits.filter((limit) => typeof limit === 'string').map(Number.parseFloat);
  if (counts.length > 1 || percents.length > 1 || percents.some((percent) => percent > 100))
    check.refuse(
      at,
      `got ${Array.isArray(written) ? `[${written.join(', ')}]` : written}, allowed a count, a percentage up to 100%, or both, as in [10, 1%]`,
    );
  return { count: counts[0] ?? 0, percent: percents[0] ?? 0 };
};

/** The listing's parameters in the order of the source's, those of its own behind; null takes one out. */
const mergeParams = ({ params: own = {} }: CompareKeysDocument, doc: FeedDocument): HttpSource['params'] => {
  const merged = { ...doc.source.http?.params, ...own };
  return resolveParams(
    Object.fromEntries(
      Object.entries(merged).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    ),
  );
};

/** Why the keys of a table cannot be compared; undefined where they can, or what is wrong is said elsewhere. */
const whyNotCompared = (
  name: string,
  doc: FeedDocument,
  tables: readonly TableContract[],
): string | undefined => {
  const [first] = tables;
  const target = tables.find(({ table }) => table === name);
  if (first === undefined || target === undefined || whyNotDeleted(target) !== undefined) return undefined;
  if (doc.source.http === undefined)
    return 'allowed for an http source only: who drops files can drop one with all keys into a feed of its own';
  if (target !== first)
    return `allowed for the first table of the feed, ${first.table}: give ${name} a feed of its own`;
  // A row may be read long after the batch's plan. With a window it was there before: it lies in it by its cursor.
  if (doc.window === undefined)
    return `needs a window: without one every batch reads everything, and disposition: replace takes away what it no longer has`;
  return undefined;
};

/** A table's comparison as it is written; undefined where there is none, or none can be. */
export const resolveComparison = (
  doc: FeedDocument,
  tables: readonly TableContract[],
  check: Check,
): Comparison | undefined => {
  const found = Object.entries(doc.deletes ?? {}).flatMap(([name, { compareKeys, mode = 'delete' }]) => {
    if (compareKeys === undefined) return [];
    const at: KeyPath = ['deletes', name, 'compareKeys'];
    const why = whyNotCompared(name, doc, tables);
    if (why !== undefined) check.refuse(at, why, 'key');
    const schedule = resolveSchedule(compareKeys.schedule, [...at, 'schedule'], check);
    const atMost = resolveAtMost(compareKeys.atMost, [...at, 'atMost'], check);
    return name === tables[0]?.table
      ? [{ schedule, params: mergeParams(compareKeys, doc), mode, atMost }]
      : [];
  });
  return found[0];
};

/** Rows that a comparison marks have a column for it, and lose the mark where they come again. */
export const withMarks = (
  tables: readonly TableContract[],
  comparison: Comparison | undefined,
): readonly TableContract[] =>
  tables.map((table, at) => (at === 0 && comparison?.mode === 'mark' ? { ...table, marks: true } : table));

/** The variables that the listing's requests may name: those of the feed's own, without a window's. */
const checkVariables = (feed: Feed, at: KeyPath, doc: FeedDocument, check: Check): void => {
  const own = doc.deletes?.[String(at[1])]?.compareKeys?.params ?? {};
  const ofFeed = feed.source.kind === 'http' ? variablesOfComparison(feed) : [];
  for (const [name, written] of Object.entries(own))
    for (const text of [written ?? []].flat())
      check.attempt([...at, 'params', name], () => {
        const unknown = variablesOf(parseTemplate(text)).find((one) => !isKnown(one, feed, ofFeed));
        if (unknown !== undefined)
          throw new InvalidInput(
            `got \${${unknown}}, allowed \${partition} \${partition.x} \${connection} \${fields} and \${next.token}, where the feed has them: a listing has no window and no secret in its parameters`,
          );
      });
};

/** What is known to a listing: what the feed's own requests read is right there. */
const isKnown = (name: string, { partitions, listing, source }: Feed, ofFeed: readonly string[]): boolean => {
  if (isOfWindow(name) || name.startsWith('secret.')) return false;
  if (name === 'fields' || ofFeed.includes(name)) return true;
  if (name === 'connection') return source.kind === 'http' && source.connection !== undefined;
  const isListed = listing !== undefined;
  if (name === 'partition') return isListed || partitions.some((one) => one.name !== '');
  if (!name.startsWith('partition.')) return false;
  const value = name.slice('partition.'.length);
  if (isListed) return listing.contract.tables[0]?.columns.some((column) => column.name === value) ?? false;
  return partitions.every(({ values }) => Object.hasOwn(values, value));
};

const isOfWindow = (name: string): boolean => name.startsWith('window.');

/** Checks the listing of a feed that is resolved otherwise. */
export const checkComparison = (feed: Feed, doc: FeedDocument, check: Check): void => {
  if (feed.comparison === undefined) return;
  const [target] = feed.contract.tables;
  const at: KeyPath = ['deletes', target?.table ?? '', 'compareKeys'];
  const compared = comparisonOf(feed);
  const before = check.problems.length;
  checkVariables(feed, at, doc, check);
  if (check.problems.length > before) return;
  const reads = variablesOfComparison(compared).find(isOfWindow);
  if (reads !== undefined)
    check.refuse(
      [...at, 'params'],
      `leave requests that read \${${reads}}, which a listing of all keys has none of: allowed a value without it in params for each that does, or null, as in params: { from: null }`,
      'key',
    );
  for (const { name, source } of compared.contract.tables.flatMap(({ columns }) => columns))
    if (source.kind === 'value')
      check.attempt([...at], () => {
        try {
          checkValueTemplate(source.template, compared);
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw error;
          throw new InvalidInput(`cannot tell the key column ${name}: ${error.message}`);
        }
      });
};
