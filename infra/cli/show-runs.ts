import { listRuns, MOST_RUNS, type Run } from '../../handlers/operate/list-runs.ts';
import { tellSuperseded } from '../../handlers/operate/superseded.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { findKnownFeed } from './known-feed.ts';
import { toTable, type Value } from './rows-format.ts';
import { type OpenToLook, toMinute } from './show-status.ts';
import { parseSince } from './since.ts';
import { toPlural, toTook } from './terminal.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** `millrace runs FEED`: its batches, the newest first. Exit status 1 where one of them is parked. */
export const showRuns = async (args: VerbArguments, io: CommandIo, open: OpenToLook): Promise<number> => {
  const since = firstValue(args, 'since') ?? '1d';
  const sinceMs = io.now() - parseSince(since);
  const deployment = await open(args, io);
  try {
    const [name = ''] = args.operands;
    const { name: feed, feed: deployed } = await findKnownFeed(name, deployment);
    const listed = await listRuns(feed, sinceMs, deployment);
    const runs = await tellSuperseded(listed, deployed, deployment);
    const parked = runs.find(({ state }) => state === 'parked');
    if (args.flags.has('json'))
      io.stdout.write(`${JSON.stringify({ ok: parked === undefined, feed, runs }, undefined, 2)}\n`);
    else io.stdout.write(toText(feed, runs, since, io.stdout.columns));
    if (parked === undefined) return EXIT.done;
    io.stderr.write(`next: npx millrace batch ${parked.batch} --feed ${feed}${deployment.options}\n`);
    return EXIT.failed;
  } finally {
    await deployment.close();
  }
};

const COLUMNS = ['batch', 'state', 'sealed', 'took', 'loaded', 'records', 'rows', 'rejects', 'covers'];
/** Characters of a cell: keys of landed objects are long. */
const MOST_IN_CELL = 60;

const toText = (feed: string, runs: readonly Run[], since: string, columns: number | undefined): string => {
  if (runs.length === 0) return `no batch of feed ${feed} was sealed or read in the last ${since}\n`;
  const more =
    runs.length === MOST_RUNS ? `… and maybe more: ${toPlural(MOST_RUNS, 'batch')} are told\n` : '';
  return `${toTable({ columns: COLUMNS, rows: runs.map(toRow) }, columns, MOST_IN_CELL)}${more}`;
};

const toRow = ({
  batch,
  state,
  sealedAt,
  observed,
  loadedAt,
  records,
  rows,
  rejects,
  covers,
}: Run): Value[] => [
  ...[batch, state, sealedAt === undefined ? '' : toMinute(sealedAt)],
  sealedAt === undefined ? '' : toTook(observed, sealedAt),
  ...[loadedAt === undefined ? '' : toMinute(loadedAt), records, rows, rejects, covers],
];
