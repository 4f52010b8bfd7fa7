import { isRejectedWarning } from '../../shared/rejects-limit.ts';
import { toCauseText } from './cause.ts';
import type { Failure, FeedReport, RunReport, TableReport, WarehouseReport } from './report.ts';
import { type Terminal, toCount, toDuration, toPlural, toSize } from './terminal.ts';

/** Prints a run's report for people; `options` are the words that lead another command to its deployment. */
export const showReport = (terminal: Terminal, report: RunReport, options: string): void => {
  for (const [name, feed] of Object.entries(report.feeds)) {
    const hasFailed = report.failures.some((failure) => failure.feed === name);
    showCounts(terminal, name, feed, hasFailed ? 'nothing sealed' : 'nothing new');
  }
  // Behind all counts: a warning between the tables of many feeds is overlooked.
  for (const [name, feed] of Object.entries(report.feeds)) showNotes(terminal, name, feed);
  showFailures(terminal, report.failures, options);
  showWarehouse(terminal, report.warehouse);
  terminal.line(`${toVerdict(terminal, report)} in ${toDuration(report.seconds * 1000)}`);
};

const showWarehouse = ({ line, style }: Terminal, { loads, wakeUps }: WarehouseReport): void => {
  if (loads === 0) return;
  line(
    `  ${style.dim(`${toPlural(loads, 'load')}, ${toPlural(wakeUps, 'wake-up')} of a Serverless warehouse`)}`,
  );
};

const toVerdict = ({ style }: Terminal, { ok, feeds, failures }: RunReport): string => {
  if (ok) return style.good('done');
  const failed = new Set(failures.map(({ feed }) => feed));
  const all = new Set([...Object.keys(feeds), ...failed]);
  return style.bad(`${failed.size} of ${toPlural(all.size, 'feed')} failed`);
};

/** A feed's warnings, and the rows that it rejected: those have their values here, and are not told twice. */
const showNotes = (terminal: Terminal, name: string, { warnings, firstRejects }: FeedReport): void => {
  const others = firstRejects === undefined ? warnings : warnings.filter((one) => !isRejectedWarning(one));
  showWarnings(terminal, others, `${name}: `);
  if (firstRejects === undefined) return;
  const { lines, command } = firstRejects;
  for (const line of lines) terminal.line(`  ${terminal.style.bad('rejected')}  ${line}`);
  terminal.line(`    ${terminal.style.dim('all of them:')} ${command}`);
};

/** The feed's counts, and one line a warning. */
export const showFeed = (terminal: Terminal, name: string, feed: FeedReport): void => {
  showCounts(terminal, name, feed, 'nothing new');
  showWarnings(terminal, feed.warnings, '');
};

/** One line for the feed (only `none` where it has no batch), one a table. */
const showCounts = (terminal: Terminal, name: string, feed: FeedReport, none: string): void => {
  const { bold, dim } = terminal.style;
  const rejects = feed.rejects === 0 ? '' : `, ${toPlural(feed.rejects, 'reject')}`;
  const what = `${toPlural(feed.batches, 'batch')}, ${toPlural(feed.records, 'record')}${rejects}, ${toSize(feed.bytes)} of XML`;
  const instead = feed.unchangedSince === undefined ? none : `unchanged since ${feed.unchangedSince}`;
  terminal.line(`  ${bold(name)}  ${feed.batches === 0 ? dim(instead) : what}`);
  if (feed.batches > 0) showTables(terminal, feed);
};

const showWarnings = ({ line, style }: Terminal, warnings: readonly string[], of: string): void => {
  for (const warning of warnings) line(`  ${style.dim('note')}  ${of}${warning}`);
};

const showTables = (
  terminal: Terminal,
  { tables, batches, notLoaded = 0, marking = [] }: FeedReport,
): void => {
  const { dim, accent } = terminal.style;
  const lost =
    notLoaded === batches ? 'not loaded' : `${notLoaded} of ${toPlural(batches, 'batch')} not loaded`;
  const none = notLoaded === 0 ? 'unchanged' : lost;
  for (const [table, { rows, ...changes }] of Object.entries(tables)) {
    terminal.line(
      `    ${accent(table)}  ${toPlural(rows, 'row')}  ${toChanges(changes, marking.includes(table)) || dim(none)}`,
    );
  }
};

/** `3 inserted, 1 updated`; empty where nothing changed. Rows of a table that marks are not deleted. */
export const toChanges = (
  { inserted, updated, deleted }: Omit<TableReport, 'rows' | 'staged'>,
  isMarking: boolean,
): string =>
  Object.entries({ inserted, updated, [isMarking ? 'marked' : 'deleted']: deleted })
    .filter(([, n]) => n > 0)
    .map(([what, n]) => `${toCount(n)} ${what}`)
    .join(', ');

export const showFailures = (terminal: Terminal, failures: readonly Failure[], options: string): void => {
  for (const failure of failures)
    terminal.line(`  ${terminal.style.bad('✗')} ${toPlaceAndCause(failure, options)}`);
};

/** `feed batch state  error: message`, the message's first sentence; the landed object's key instead of its batch. */
export const toPlaceAndCause = (
  { feed, batch, landed = batch, state, error, message }: Failure,
  options: string,
): string => {
  const place = [feed, landed, state].filter((part) => part !== '').join(' ');
  const of = batch === '' ? `status ${feed}` : `batch ${batch} --feed ${feed}`;
  return `${place}  ${error}: ${toCauseText(message, `npx millrace ${of}${options} --json`)}`;
};
