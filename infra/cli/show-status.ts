import type { OpenBackfill } from '../../handlers/operate/open-backfills.ts';
import type { OpenRebuild } from '../../handlers/operate/open-rebuild.ts';
import { type FeedStatus, needsPerson, readStatuses } from '../../handlers/operate/read-status.ts';
import { toFirstSentence } from './cause.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import type { Deployment } from './deployment/deployment.ts';
import { findKnownFeeds } from './known-feed.ts';
import { isOfLoading } from './next-step.ts';
import { toTable, type Value } from './rows-format.ts';
import { isAtRest, type Place, toStatusNext } from './status-next.ts';
import { openTerminal, type Terminal, toCount, toPlural } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** Opens the deployment whose state is read. */
export type OpenToLook = (
  args: VerbArguments,
  io: CommandIo,
) => Promise<
  Pick<Deployment, 'options' | 'served' | 'records' | 'inventory' | 'clock' | 'readFeeds' | 'close'>
>;

/** `millrace status`: how each feed is. Exit status 1 where one of them needs a person, or failed where nothing tries it again. */
export const showStatus = async (args: VerbArguments, io: CommandIo, open: OpenToLook): Promise<number> => {
  const deployment = await open(args, io);
  try {
    const feeds = await findKnownFeeds(args.operands, deployment);
    const all = await readStatuses(feeds, deployment);
    const isOk = !all.some((status) => needsPerson(status) || stateOf(status, deployment) === 'failed');
    if (args.flags.has('json')) io.stdout.write(toJson(all, isOk, deployment));
    else showTable(openTerminal(io, io.stdout), all, deployment, io.stdout.columns);
    return isOk ? EXIT.done : EXIT.failed;
  } finally {
    await deployment.close();
  }
};

const toJson = (all: readonly FeedStatus[], isOk: boolean, place: Place): string => {
  const feeds = all.map((status) => ({
    ...status,
    needs: status.needs.map(({ ways: _, ...need }) => need),
    parked: {
      count: status.parked.batches.length,
      superseded: status.parked.superseded,
      oldest: status.parked.oldest,
    },
    state: stateOf(status, place),
    next: toStatusNext(status, place),
  }));
  return `${JSON.stringify({ ok: isOk, feeds }, undefined, 2)}\n`;
};

/** Where a terminal is narrow, the last ones are left out. */
const COLUMNS = [
  'feed',
  'state',
  'rows as of',
  'pending',
  'loading',
  'parked',
  'rejects',
  'sealed',
  'loaded',
];

const showTable = (
  terminal: Terminal,
  all: readonly FeedStatus[],
  place: Place,
  columns: number | undefined,
): void => {
  if (all.length === 0) {
    terminal.line('no feed is deployed here, and none was run');
    return;
  }
  const table = toTable({ columns: COLUMNS, rows: all.map((status) => toRow(status, place)) }, columns);
  for (const line of table.trimEnd().split('\n')) terminal.line(line);
  for (const status of all) showWhy(terminal, status, place);
};

const toRow = (status: FeedStatus, place: Place): Value[] => {
  const state = stateOf(status, place);
  const { feed, rowsAsOf, lastSeal, lastLoad, pending, loading, parked, rejectsOfDay } = status;
  return [
    ...[feed, status.isDeployed ? state : `${state}, not deployed`],
    toMinuteOrNothing(rowsAsOf),
    ...[pending, loading?.batches ?? 0, parked.batches.length],
    `${toCount(rejectsOfDay.rows)}${rejectsOfDay.isAtLeast ? '+' : ''}`,
    toMinuteOrNothing(lastSeal?.at),
    lastLoad === undefined ? '' : toLoadCell(lastLoad),
  ];
};

const toLoadCell = ({ plannedAt, outcome }: NonNullable<FeedStatus['lastLoad']>): string =>
  outcome === 'loaded' ? toMinute(plannedAt) : `${toMinute(plannedAt)} ${outcome}`;

/** `2026-01-15 08:00Z`: seconds tell nothing here. */
export const toMinute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;

const toMinuteOrNothing = (at: string | undefined): string => (at === undefined ? '' : toMinute(at));

/** Since when and why, and what to do. */
const showWhy = ({ line, style }: Terminal, status: FeedStatus, place: Place): void => {
  const { options } = place;
  const next = toStatusNext(status, place);
  const [why = '', ...more] = toWhys(status, place);
  const backfills = status.backfills.map((one) => toBackfillLine(status.feed, one, options));
  const rebuild = status.rebuild === undefined ? [] : [toRebuildLine(status.feed, status.rebuild, options)];
  if (why === '' && next === undefined && backfills.length + rebuild.length === 0) return;
  line();
  line(`${style.bold(status.feed)}  ${needsPerson(status) ? style.bad(why) : why}`);
  for (const other of more) line(`  ${needsPerson(status) ? style.bad(other) : other}`);
  for (const of of [...backfills, ...rebuild]) line(of);
  if (next !== undefined) line(`  next: ${next}`);
};

/** What a feed is there: at rest nothing is tried again. */
export const stateOf = ({ state, failing }: FeedStatus, place: Place): string =>
  state === 'retrying' && failing !== undefined && isAtRest(place) ? 'failed' : state;

/** Why a feed is as it is, each reason a line of its own; none where nothing is to be said. */
export const toWhys = (status: FeedStatus, place: Place): readonly string[] => {
  const { state, needs, pausedAt, isPausedByFile, failing, hasUnread } = status;
  const told = needs.map((need) => toNeedText(need, status));
  const isTold = needs.some(({ need }) => need === 'failing' || need === 'not-loading');
  const retried = failing === undefined || isTold ? [] : [toRetriedText(status, failing, place)];
  const paused = [
    ...(isPausedByFile ? ['paused by its feed file'] : []),
    ...(pausedAt === undefined ? [] : [`paused since ${toMinute(pausedAt)}`]),
  ];
  const unread = hasUnread ? ['landed files waited for its tables, and the next sweep reads them'] : [];
  const never = state === 'never ran' ? ['never ran'] : [];
  return [...told, ...retried, ...unread, ...paused, ...never];
};

const toNeedText = (
  { need, since, batch, cause }: FeedStatus['needs'][number],
  { parked, failing }: FeedStatus,
): string => {
  if (need === 'parked' && parked.oldest !== undefined) {
    const more = parked.batches.length - 1;
    const others = more > 0 ? ` (and ${toPlural(more, 'more batch')})` : '';
    const { error, message } = parked.oldest;
    return `${batch}${others} parked since ${toMinute(since)}: ${error}: ${toFirstSentence(message)}`;
  }
  if ((need === 'failing' || need === 'not-loading') && failing !== undefined)
    return `${need} since ${toMinute(since)}, ${toPlural(failing.times, 'time')}: ${toFirstSentence(cause)}`;
  return `${need} since ${toMinute(since)}: ${toFirstSentence(cause)}`;
};

/** What failed by a cause that may pass, and who tries it again. */
const toRetriedText = (
  { lands }: FeedStatus,
  { since, times, batch = '', state, error, message }: NonNullable<FeedStatus['failing']>,
  place: Place,
): string => {
  const failed = `failed ${toPlural(times, 'time')} since ${toMinute(since)}: ${error}: ${toFirstSentence(message)}`;
  if (isAtRest(place)) return `${failed}; nothing tries it again, since no cloud runs here`;
  const isBySweep = isOfLoading(state) || lands !== undefined || batch.startsWith('b-');
  const when = isBySweep ? 'with the next sweep, within 15 minutes' : 'at the next schedule';
  return `${failed}; Millrace tries it again by itself ${when}`;
};

/** How far a range is that was asked for again, and what it waits for. */
const toBackfillLine = (
  feed: string,
  { request, from, to, partition, asked, sealedTo, parked }: OpenBackfill,
  options: string,
): string => {
  const range = `backfill ${from} to ${to}${partition === undefined ? '' : ` of ${partition}`}, asked ${toMinute(asked)}`;
  const done =
    sealedTo === undefined ? '' : sealedTo === from ? ', nothing sealed' : `, sealed to ${sealedTo}`;
  const waits = parked === undefined ? '' : `; ${toParkedText(feed, parked, options)}`;
  const cancel = `to give it up: npx millrace backfill ${feed} --cancel ${request}${options}`;
  return `  ${range}${done}${waits}; ${cancel}`;
};

/** What to do about it depends on its error, which the batch's own story has. */
const toParkedText = (feed: string, batch: string, options: string): string =>
  `${batch} is parked: npx millrace batch ${batch} --feed ${feed}${options} says what to do`;

/** How far a rebuild is, and what it waits for. */
const toRebuildLine = (feed: string, rebuild: OpenRebuild, options: string): string => {
  const { table, asked, isChanged, parked } = rebuild;
  const again = `npx millrace rebuild ${table}${options}`;
  const waits = isChanged
    ? `; the feed was changed since, and it stands still: ${again} begins anew, ${again} --cancel gives it up`
    : parked === undefined
      ? ''
      : `; ${toParkedText(feed, parked, options)}`;
  return `  rebuild of ${table}, asked ${toMinute(asked)}, ${toRebuiltText(rebuild)}${waits}`;
};

const toRebuiltText = ({ from, to, sealedTo, objects, isRead, pending }: OpenRebuild): string => {
  const loads = pending === 0 ? '' : `, ${toPlural(pending, 'batch')} to load`;
  if (isRead) return `all read${loads === '' ? ', takes its place next' : loads}`;
  const read =
    objects === undefined
      ? `read from ${from} to ${sealedTo} of ${to}`
      : `${toCount(objects.all - objects.left)} of ${toPlural(objects.all, 'version')} of landed files read`;
  return `${read}${loads}`;
};
