import { resolve } from 'node:path';
import { type DiffDeps, diffFeed, type FeedDiff, type TableDiff } from '../../handlers/operate/diff-feed.ts';
import { MILLRACE_SCHEMA } from '../../shared/sql/names.ts';
import { quoteIdentifier } from '../../shared/sql/quote.ts';
import { onThisMachine, readFeeds } from '../feeds-folder.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { findFeed } from './find-feed.ts';
import { openTerminal, type Terminal, toPlural } from './terminal.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** Opens the deployment that is compared; where nothing was run, all is empty. */
export type OpenDiff = (
  args: VerbArguments,
  io: CommandIo,
) => Promise<Omit<DiffDeps, 'signal'> & { close(): Promise<void> }>;

/** `millrace diff`: what the feeds, as they are written now, would change in the warehouse. Exit status 1 where something is refused. */
export const showDiff = async (args: VerbArguments, io: CommandIo, open: OpenDiff): Promise<number> => {
  const all = await readFeeds(resolve(io.cwd, firstValue(args, 'feeds') ?? 'feeds'), onThisMachine(io.cwd));
  const feeds = args.operands.length === 0 ? all : args.operands.map((name) => findFeed(name, all));
  const opened = await open(args, io);
  const diffs: FeedDiff[] = [];
  try {
    for (const feed of feeds) diffs.push(await diffFeed(feed, { ...opened, signal: io.signal }));
  } finally {
    await opened.close();
  }
  const isOk = diffs.every(({ refusals }) => refusals.length === 0);
  if (args.flags.has('json'))
    io.stdout.write(`${JSON.stringify({ ok: isOk, feeds: diffs }, undefined, 2)}\n`);
  else for (const diff of diffs) showFeed(diff, openTerminal(io, io.stdout));
  return isOk ? EXIT.done : EXIT.failed;
};

/** The schema that Millrace keeps to itself. */
const OWN = quoteIdentifier(MILLRACE_SCHEMA);

const showFeed = (
  { feed, tables, statements, refusals, advice }: FeedDiff,
  { line, style }: Terminal,
): void => {
  const isLeft = tables.some(
    ({ left, shorter, moves = [] }) => left.length + shorter.length + moves.length > 0,
  );
  const isSame = statements.length === 0 && refusals.length === 0 && !isLeft;
  line(`${style.bold(feed)}${isSame ? '  nothing changes' : ''}`);
  if (isSame) return;
  for (const table of tables) line(`  ${table.table}  ${toText(table)}`);
  for (const { table, moves = [] } of tables)
    if (moves.length > 0)
      line(
        `  ${table} lies otherwise than the feed says, and stays so: at a time that you choose, ${moves.map((sql) => `${sql};`).join(' ')} or npx millrace rebuild ${table}`,
      );
  if (advice !== '') line(`  rows left null: ${advice}`);
  const verb = style.good(refusals.length === 0 ? 'would run' : 'needs');
  const own = statements.filter((sql) => sql.includes(OWN));
  for (const sql of statements.filter((of) => !own.includes(of)))
    line(`  ${verb}  ${sql.replaceAll(/\s+/g, ' ')};`);
  if (own.length > 0)
    line(
      `  ${verb}  ${toPlural(own.length, 'statement')} for Millrace's own tables and views; --json has them`,
    );
  for (const { error, message } of refusals) line(`  ${style.bad('refused')}  ${error}: ${message}`);
};

const toText = ({ state, added, widened, left, shorter, rowsLeftNull }: TableDiff): string => {
  const nulls =
    rowsLeftNull === undefined ? '' : ` (null in ${toPlural(rowsLeftNull, 'row')} that are there)`;
  const changes = [
    ...(added.length === 0 ? [] : [`new columns ${added.join(' ')}${nulls}`]),
    ...(widened.length === 0 ? [] : [`longer ${widened.join(' ')}`]),
    ...(left.length === 0 ? [] : [`not in the feed, and keep their values: ${left.join(' ')}`]),
    ...(shorter.length === 0
      ? []
      : [`shorter in the feed, and as long as before here: ${shorter.join(' ')}`]),
  ];
  return changes.length === 0 ? WORDS[state] : changes.join(', ');
};

const WORDS: Readonly<Record<TableDiff['state'], string>> = {
  new: 'is made',
  changed: "gets columns of Millrace's own",
  same: 'stays as it is',
};
