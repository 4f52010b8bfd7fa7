import { hashContract } from '../model/canonical.ts';
import { type Contract, type TableContract, targetTables } from '../model/contract.ts';
import type { Feed } from '../model/feed.ts';
import { parsePath } from '../model/path.ts';
import { withRecordHash } from '../model/record-hash.ts';
import { fieldsOf } from '../source/fields.ts';
import { wantedPaths, writtenPaths } from '../source/paging/wanted-paths.ts';
import { signPaths } from '../source/responses/match.ts';
import { MAX_STATEMENT_BYTES, MAX_STATEMENTS } from '../sql/batch-limits.ts';
import { dispositionOf } from '../sql/dispositions/registry.ts';
import { measureLoad } from '../sql/load-statements.ts';
import { RowsRefused, toMatcher } from '../xml/matcher.ts';
import type { FeedDocument } from './document/feed.ts';
import { feedDocument } from './document/feed.ts';
import { pathsOf, problemsOf } from './document/problems.ts';
import { isIndependent, prune } from './document/prune.ts';
import type { KeyPath, Problem, YamlSource } from './document/yaml-source.ts';
import { readYaml } from './document/yaml-source.ts';
import { resolveAlerts } from './resolve/alerts.ts';
import type { Check } from './resolve/check.ts';
import { newCheck } from './resolve/check.ts';
import { checkComparison, resolveComparison, withMarks } from './resolve/compare-keys.ts';
import { resolveDeletes } from './resolve/deletes.ts';
import { resolveListing } from './resolve/listing.ts';
import { resolveLoad } from './resolve/load.ts';
import { checkTemplates, resolvePartitions } from './resolve/partitions.ts';
import { haveOtherRoots } from './resolve/paths.ts';
import { resolveSchedule } from './resolve/schedule.ts';
import type { SourceOptions } from './resolve/source.ts';
import { resolveSource } from './resolve/source.ts';
import { resolveTables } from './resolve/table.ts';
import { checkValues } from './resolve/values.ts';
import { resolveWindow } from './resolve/window.ts';

/** A feed file's text to the feed that it means, or to what is wrong with it. */

export interface ParseFeedOptions extends SourceOptions {
  /** The file's name, for problems; its last part without `.yaml` is the feed's name. */
  readonly file: string;
}

export type FeedResult =
  | { readonly ok: true; readonly feed: Feed }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const DEFAULT_REJECTS = { count: 10, percent: 1 };

/** Places where an unquoted number or boolean means its text. */
const isTextPlace = (path: KeyPath): boolean => {
  const [key, parent, above] = [path.at(-1), path.at(-2), path.at(-3)];
  const isIn = (name: string): boolean => parent === name || (typeof key === 'number' && above === name);
  if (isIn('params') || isIn('headers') || above === 'partitions') return true;
  return (
    path[2] === 'columns' &&
    (['default', 'value', 'separator', 'split'].includes(String(key)) || parent === 'replace')
  );
};

const resolveRejects = (doc: FeedDocument, check: Check): Feed['rejects'] => {
  const atMost = doc.rejects?.atMost ?? [];
  const count = atMost.find((limit) => typeof limit === 'number');
  const percent = atMost.find((limit) => typeof limit === 'string');
  if (doc.rejects === undefined) return DEFAULT_REJECTS;
  if (count === undefined || percent === undefined || Number.parseFloat(percent) > 100) {
    check.refuse(
      ['rejects', 'atMost'],
      `got [${atMost.join(', ')}], allowed a count and a percentage up to 100%, as in [10, 1%]`,
    );
  }
  return { count: count ?? 0, percent: Number.parseFloat(percent ?? '0') };
};

/** The contract of resolved tables, with its hash. */
export const buildContract = (doc: FeedDocument, tables: readonly TableContract[]): Contract =>
  hashContract({
    feed: doc.feed,
    namespaces: doc.namespaces ?? {},
    ...(doc.window === undefined ? {} : { cursor: doc.window.cursor }),
    ...(doc.contract === 'freeze' ? { freeze: true as const } : {}),
    ...(doc.grants === undefined ? {} : { grants: doc.grants }),
    tables: [...tables],
  });

const checkFileName = (doc: FeedDocument, file: string, check: Check): void => {
  const name = file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '');
  if (name !== doc.feed) check.refuse(['feed'], `got '${doc.feed}', allowed '${name}', as the file is named`);
};

const checkRecord = (doc: FeedDocument, tables: readonly TableContract[], check: Check): void => {
  const [first] = tables;
  if (doc.record === undefined || first === undefined || doc.record === first.rows) return;
  check.refuse(
    ['record'],
    `got '${doc.record}', allowed ${first.rows}: another element than the first table's rows is not supported yet`,
  );
};

const checkWantedRoots = (
  source: Feed['source'],
  doc: FeedDocument,
  tables: readonly TableContract[],
  check: Check,
): void => {
  const [first] = tables;
  if (source.kind !== 'http' || first === undefined) return;
  for (const { key, path } of writtenPaths(source)) {
    if (!haveOtherRoots(parsePath(path), parsePath(first.rows), doc.namespaces ?? {})) continue;
    check.refuse(['source', 'http', ...key], `got '${path}', allowed a path from the root of ${first.rows}`);
  }
};

/** Paths that each can be read may still be such that one pass cannot read them. */
const checkMatcher = (contract: Contract, source: Feed['source'], check: Check): void => {
  const wanted = source.kind === 'http' ? wantedPaths(source) : {};
  const signs = source.kind === 'http' ? signPaths(source.responses) : {};
  check.attempt(['tables'], () => {
    try {
      toMatcher(contract, wanted, signs);
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error;
      const { deletes } = contract.tables.find(({ table }) => table === error.table) ?? {};
      const at = deletes === undefined ? ['tables', error.table] : ['deletes', deletes.table];
      check.refuse([...at, 'rows'], error.message);
    }
  });
};

/** What one load may hold is known here already, and a feed over it could never be loaded. */
const checkLoad = (contract: Contract, check: Check): void => {
  if (check.problems.length > 0) return;
  const load = measureLoad(withRecordHash(contract));
  const count = targetTables(contract).length;
  if (load.statements > MAX_STATEMENTS) {
    check.refuse(
      ['tables'],
      `got ${count} tables, whose load takes ${load.statements} statements, allowed ${MAX_STATEMENTS}: divide the feed`,
      'key',
    );
  } else if (load.largestBytes > MAX_STATEMENT_BYTES) {
    check.refuse(
      ['tables'],
      `got a table whose load takes a statement of ${load.largestBytes} bytes, allowed ${MAX_STATEMENT_BYTES}: divide its columns`,
      'key',
    );
  }
};

const resolveFeed = (doc: FeedDocument, options: ParseFeedOptions, check: Check): Feed | undefined => {
  checkFileName(doc, options.file, check);
  const source = resolveSource(doc, options, check);
  const partitions = resolvePartitions(doc, check);
  const listing = resolveListing(doc, options, check);
  const tables = resolveTables(doc, check);
  const deletes = resolveDeletes(doc, tables, check);
  const comparison = resolveComparison(doc, tables, check);
  if (Object.keys(doc.tables).length === 0) check.refuse(['tables'], 'got none, allowed at least one', 'key');
  const schedule =
    doc.schedule === undefined ? undefined : resolveSchedule(doc.schedule, ['schedule'], check);
  const rejects = resolveRejects(doc, check);
  const load = resolveLoad(doc, check);
  const alerts = resolveAlerts(doc, check);
  checkRecord(doc, tables, check);
  if (check.problems.length > 0 || source === undefined) return undefined;
  const window = resolveWindow(doc, tables, check);
  if (source.kind === 'http') checkTemplates(doc, source, partitions, check);
  checkWantedRoots(source, doc, tables, check);
  const contract = buildContract(doc, [...withMarks(tables, comparison), ...deletes]);
  checkMatcher(contract, source, check);
  if (JSON.stringify([doc.source, doc.partitions]).includes('${fields}'))
    check.attempt(['tables'], () => fieldsOf(contract));
  checkLoad(contract, check);
  const feed: Feed = {
    feed: doc.feed,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    source,
    ...(listing === undefined ? { partitions: [...partitions] } : { partitions: [], listing }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(comparison === undefined ? {} : { comparison }),
    ...(window === undefined ? {} : { window }),
    rejects,
    onEmpty: doc.onEmpty ?? (tables.some((table) => dispositionOf(table).isWhole) ? 'fail' : 'accept'),
    ...(doc.onEmpty === 'accept' ? { acceptsEmpty: true as const } : {}),
    ...(load === undefined ? {} : { load }),
    ...(alerts === undefined ? {} : { alerts }),
    ...(doc.paused === true ? { paused: true as const } : {}),
    contract,
  };
  if (check.problems.length === 0) checkValues(feed, check);
  if (check.problems.length === 0) checkComparison(feed, doc, check);
  return feed;
};

const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column);

const resolveDocument = (source: YamlSource, options: ParseFeedOptions): FeedResult => {
  const parsed = feedDocument.safeParse(source.value);
  if (parsed.success) {
    const check = newCheck(source);
    const feed = resolveFeed(parsed.data, options, check);
    if (feed !== undefined && check.problems.length === 0) return { ok: true, feed };
    return { ok: false, problems: inOrder(check.problems) };
  }
  const form = problemsOf(source, parsed.error);
  const pruned = pathsOf(parsed.error);
  return { ok: false, problems: inOrder([...form, ...findIndependent(source, options, form, pruned)]) };
};

/** Problems of meaning that stand whatever becomes of the others; none where the rest of the file cannot be read. */
const findIndependent = (
  source: YamlSource,
  options: ParseFeedOptions,
  before: readonly Problem[],
  pruned: readonly KeyPath[],
): readonly Problem[] => {
  const rest = feedDocument.safeParse(prune(source.value, pruned));
  if (!rest.success) return [];
  const check = newCheck(source, before);
  resolveFeed(rest.data, options, check);
  return check.noted.filter(({ path }) => isIndependent(path, pruned)).map(({ problem }) => problem);
};

/** A shell makes the file before the command that writes it has anything to say. */
const emptyProblem = (file: string): Problem => ({
  ...{ file, line: 1, column: 1 },
  message: 'the file is empty, as a failed `millrace infer` leaves it: remove it, or run infer again',
});

/** Reads one feed file. Problems are values, in the order of the file. */
export const parseFeed = (text: string, options: ParseFeedOptions): FeedResult => {
  if (text.trim() === '') return { ok: false, problems: [emptyProblem(options.file)] };
  const yaml = readYaml(text, options.file, isTextPlace);
  return yaml.ok ? resolveDocument(yaml.source, options) : { ok: false, problems: inOrder(yaml.problems) };
};
