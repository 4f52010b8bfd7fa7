import { once } from 'node:events';
import {
  type BatchRejects,
  listRejects,
  type OperateDeps,
  type RejectedRow,
} from '../../handlers/operate/list-rejects.ts';
import { readParkedOne } from '../../handlers/operate/parked-one.ts';
import { supersederOf } from '../../handlers/operate/superseded.ts';
import { toParkedSubject } from '../../shared/attention/needs/parked.ts';
import { parkedWays, toWaysText } from '../../shared/attention/remedies/registry.ts';
import { askedAgain, redriven, type Way } from '../../shared/attention/remedies/remedy.ts';
import { TooManyRejects } from '../../shared/errors.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { type CommandIo, EXIT, type Output, UsageError } from './command-io.ts';
import type { Deployment } from './deployment/deployment.ts';
import { toWrapped } from './rows-format.ts';
import { columnsOf, toPlural } from './terminal.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** Opens the deployment whose state is read. */
export type OpenState = (
  args: VerbArguments,
  io: CommandIo,
) => Promise<OperateDeps & Pick<Deployment, 'options' | 'clock' | 'readFeeds' | 'close'>>;

/** A table is laid out when all of a batch's rows are there. */
const MOST_IN_TABLE = 10_000;
/** Characters of a cell: reasons are sentences. */
const MOST_IN_CELL = 120;

/** `millrace rejects FEED`: tells rejected rows. Exit status 1 where some of their batches wait for a person, or were refused. */
export const showRejects = async (args: VerbArguments, io: CommandIo, open: OpenState): Promise<number> => {
  const [feed = '', ...rest] = args.operands;
  if (rest.length > 0) throw refuseOperands(feed, rest);
  const isJson = args.flags.has('json');
  const most = toMost(firstValue(args, 'rows') ?? '100', isJson);
  const batch = firstValue(args, 'batch');
  const state = await open(args, io);
  try {
    await checkFeed(feed, batch, state);
    const known = { name: feed, feed: (await state.readFeeds())?.[feed] };
    const batches = listRejects(known, batch, state);
    const show = isJson ? showJson : showTables;
    const waiting = await show({ feed, batches, most }, io);
    if (waiting === undefined) return EXIT.done;
    const ways = await toWays(feed, waiting, state);
    io.stderr.write(`next: ${toWaysText(ways, { options: state.options })}\n`);
    return EXIT.failed;
  } finally {
    await state.close();
  }
};

/** Of a batch that its rejects failed, all but the command that shows them; of one that something else parked, what that asks for. */
const toWays = async (
  feed: string,
  { batch }: Waiting,
  state: Awaited<ReturnType<OpenState>>,
): Promise<readonly Way[]> => {
  const parked = await readParkedOne(feed, batch, state);
  if (parked !== undefined && parked.error !== TOO_MANY) return parkedWays(toParkedSubject(feed, parked));
  const ways = parked === undefined ? askedAgain : redriven;
  return ways('mend the feed')({ feed, batch });
};

const TOO_MANY = new TooManyRejects('').name;

type Waiting = Pick<BatchRejects, 'batch' | 'state'>;

const refuseOperands = (first: string, rest: readonly string[]): UsageError =>
  new UsageError(
    `rejects takes FEED, or replay FEED, got ${[first, ...rest].map((word) => JSON.stringify(word)).join(' ')}`,
  );

const toMost = (text: string, isJson: boolean): number => {
  const most = Number(text);
  if (/^\d{1,15}$/.test(text) && most >= 1 && (isJson || most <= MOST_IN_TABLE)) return most;
  throw new UsageError(
    `--rows takes 1 to ${MOST_IN_TABLE}, and any number with --json, got ${JSON.stringify(text)}`,
  );
};

/** What was never planned is misspelt, or was never run here. */
const checkFeed = async (
  feed: string,
  batch: string | undefined,
  { records, options }: Pick<OperateDeps, 'records'> & Pick<Deployment, 'options'>,
): Promise<void> => {
  const { folders } = await records.list('plans/', '/');
  const known = folders.map((folder) => folder.split('/')[1] ?? '');
  if (known.includes(feed)) {
    if (batch === undefined || (await records.list(`plans/${feed}/${batch}/`)).keys.length > 0) return;
    throw new UsageError(
      `feed ${feed} has no batch ${batch}, allowed one that rejected rows: npx millrace rejects ${feed}${options}`,
    );
  }
  const near = nearest(feed, known);
  const hint = near === undefined ? '' : `, did you mean ${near}?`;
  throw new UsageError(
    `no batch of feed ${feed} was ever planned here${hint}; allowed: ${known.join(' ') || 'none yet'}`,
  );
};

interface Listing {
  readonly feed: string;
  readonly batches: AsyncGenerator<BatchRejects>;
  readonly most: number;
}

const needsPerson = ({ state, rows }: BatchRejects): boolean =>
  rows > 0 && (state === 'parked' || state === 'refused');

const STATES: Readonly<Record<BatchRejects['state'], (batch: string) => string>> = {
  sealed: () => 'sealed without them',
  parked: () => 'parked, nothing of it is loaded',
  refused: () => 'refused, nothing of it is loaded; it is read again',
  unfinished: () => 'still being read',
  superseded: (batch) => `superseded: ${supersederOf(batch)} is loaded`,
};

/** A table a batch, under a line that says what became of it. Gives the first batch that waits for a person. */
const showTables = async ({ feed, batches, most }: Listing, io: CommandIo): Promise<Waiting | undefined> => {
  const { stdout, signal } = io;
  let [told, count] = [0, 0];
  let waiting: Waiting | undefined;
  for await (const batch of batches) {
    signal.throwIfAborted();
    count += 1;
    if (needsPerson(batch)) waiting ??= batch;
    if (told >= most) {
      await write(stdout, `… and more before that: --rows says how many are told\n`);
      break;
    }
    const rows: RejectedRow[] = [];
    for await (const row of batch.read()) if (rows.push(row) >= most - told) break;
    told += rows.length;
    await write(stdout, toText(batch, rows, columnsOf(io)));
  }
  if (count === 0) await write(stdout, `no row of feed ${feed} was rejected\n`);
  return waiting;
};

const toText = (batch: BatchRejects, rows: readonly RejectedRow[], columns: number): string => {
  const head = `${batch.batch}  ${toPlural(batch.rows, 'row')} rejected, ${STATES[batch.state](batch.batch)}\n`;
  const gone = batch.areGone() ? 'files of rejected rows were removed, 30 days after their load\n' : '';
  if (rows.length === 0) return `${head}${gone}\n`;
  const cells = rows.map(({ table, place, line, column, path, reason, raw }) => [
    ...[table, `${place}:${line}:${column}`, path, reason, raw],
  ]);
  const names = ['table', 'place', 'column', 'reason', 'value'];
  const cut = rows.length < batch.rows && gone === '' ? `… ${rows.length} of ${batch.rows}\n` : '';
  return `${head}${toWrapped({ columns: names, rows: cells }, columns, MOST_IN_CELL)}${cut}${gone}\n`;
};

/** Written as it is read: `{"feed":…,"rejects":[…],"gone":[batch…],"more":bool}`. */
const showJson = async (
  { feed, batches, most }: Listing,
  { stdout, signal }: CommandIo,
): Promise<Waiting | undefined> => {
  let [told, more] = [0, false];
  let waiting: Waiting | undefined;
  const gone: string[] = [];
  await write(stdout, `{"feed":${JSON.stringify(feed)},"rejects":[`);
  for await (const batch of batches) {
    if (needsPerson(batch)) waiting ??= batch;
    for await (const row of batch.read()) {
      signal.throwIfAborted();
      more = told === most;
      if (more) break;
      await write(stdout, `${told === 0 ? '' : ','}\n${JSON.stringify(toObject(batch, row))}`);
      told += 1;
    }
    if (batch.areGone()) gone.push(batch.batch);
    if (more) break;
  }
  await write(stdout, `],"gone":${JSON.stringify(gone)},"more":${more}}\n`);
  return waiting;
};

const toObject = (
  { batch, state }: BatchRejects,
  { table, row, place, line, column, path, reason, raw }: RejectedRow,
) => ({
  ...{ batch, state, table, row: Number(row), place, line: Number(line), column: Number(column) },
  ...{ path, reason, value: raw },
});

/** Waits while the reader of the output is behind. */
const write = async (output: Output, text: string): Promise<void> => {
  if (!output.write(text)) await once(output, 'drain');
};
