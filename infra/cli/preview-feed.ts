import { resolve } from 'node:path';
import type { Feed } from '../../shared/model/feed.ts';
import { parseDocument } from '../../shared/xml/document.ts';
import { onThisMachine, readFeedFiles } from '../feeds-folder.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import { reportConversion } from './conversion-report.ts';
import { readDocumentValues } from './document-values.ts';
import { findInputFile, readInput } from './input-file.ts';
import { fetchPreview } from './preview-pages.ts';
import { newPreviewSample, type PreviewSample } from './preview-sample.ts';
import { toTable } from './rows-format.ts';
import { openTerminal, toPlural } from './terminal.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

const MOST_ROWS = 1000;

/** `millrace preview FEED [INPUT]`: reads a feed's first records, and shows what becomes of them. Nothing is kept. */
export const previewFeed = async (args: VerbArguments, io: CommandIo): Promise<number> => {
  const [name = '', input] = args.operands;
  const most = toMost(firstValue(args, 'rows') ?? '10');
  const feed = await readFeed(name, firstValue(args, 'feeds') ?? 'feeds', io);
  const read = await findReader(feed, input, most, args, io);
  const sample = newPreviewSample(feed.contract, most);
  const terminal = openTerminal(io, io.stderr);
  const progress = `reading ${feed.feed}`;
  const tell = (line: string): void => {
    if (!terminal.isMoving) return;
    terminal.line(line);
    terminal.begin(progress);
  };
  terminal.begin(progress);
  try {
    await read(sample, tell);
  } catch (error) {
    terminal.clear();
    // What was read before shows how far it came.
    showRows(feed, sample, io);
    throw error;
  }
  terminal.clear();
  showRows(feed, sample, io);
  const summary = sample.summary();
  const hasStopped = summary.records >= most && most < MOST_ROWS;
  const toReadOn = hasStopped ? `--rows ${Math.min(MOST_ROWS, most * 10)}` : undefined;
  reportConversion(feed.contract, summary, io.stdout, { toReadOn });
  if (summary.rows.some((n) => n > 0)) return EXIT.done;
  io.stderr.write(`millrace: ${toReason(feed, summary)}\n`);
  return EXIT.failed;
};

const toMost = (text: string): number => {
  const most = Number(text);
  if (/^\d+$/.test(text) && most >= 1 && most <= MOST_ROWS) return most;
  throw new UsageError(`--rows takes 1 to ${MOST_ROWS}, got ${JSON.stringify(text)}`);
};

/** By its name in the feeds folder, or by its file. */
const readFeed = async (name: string, folder: string, { cwd }: CommandIo): Promise<Feed> => {
  const path = /\.ya?ml$/.test(name) ? resolve(cwd, name) : resolve(cwd, folder, `${name}.yaml`);
  const [feed] = await readFeedFiles([path], onThisMachine(cwd));
  if (feed === undefined) throw new UsageError(`${path} holds no feed`);
  return feed;
};

const findReader = async (
  feed: Feed,
  input: string | undefined,
  most: number,
  args: VerbArguments,
  io: CommandIo,
): Promise<(sample: PreviewSample, tell: (line: string) => void) => Promise<void>> => {
  const { source } = feed;
  const given = args.values.get('variable') ?? [];
  if (input === undefined) {
    if (given.length > 0)
      throw new UsageError('--variable needs INPUT: without INPUT the server is asked, as in a run');
    if (source.kind === 'http')
      return (sample, tell) => fetchPreview(feed, source, most, sample, args, { io, tell });
    throw new UsageError(
      `feed ${feed.feed} reads files, got none, allowed a file or - for stdin: npx millrace preview ${feed.feed} FILE`,
    );
  }
  const path = input === '-' ? input : await findInputFile(input, io);
  const place = input === '-' ? 'stdin' : input;
  const valueText = await readDocumentValues(feed, path, given);
  return async (sample) => {
    const { contract } = feed;
    const rowNumbers = { base: 0, used: contract.tables.map(() => 0) };
    const options = { contract, place, rowNumbers, mostRecords: most, valueText };
    sample.add(await parseDocument(readInput(path, io), options, sample.sinkOf(place)));
  };
};

const showRows = ({ contract }: Feed, { shown, rejects }: PreviewSample, { stdout }: CommandIo): void => {
  for (const [index, { table, columns }] of contract.tables.entries()) {
    const rows = shown[index] ?? [];
    if (rows.length === 0) continue;
    const text = toTable({ columns: columns.map(({ name }) => name), rows }, stdout.columns);
    stdout.write(`${table}\n${text}\n`);
  }
  for (const { table, place, line, column, path, reason } of rejects)
    stdout.write(`rejected: ${table} at ${place} line ${line}, column ${column}: ${path}: ${reason}\n`);
};

const toReason = (
  { feed, contract }: Feed,
  { records, rejects, outside }: { records: number; rejects: number; outside: number },
): string => {
  const rows = contract.tables[0]?.rows;
  if (records === 0) return `feed ${feed}: got no record, allowed at least one ${rows}`;
  const lost = [
    ...(rejects > 0 ? [`${toPlural(rejects, 'row')} rejected`] : []),
    ...(outside > 0 ? [`${toPlural(outside, 'record')} outside the window`] : []),
  ];
  return `feed ${feed}: no row of ${toPlural(records, 'record')} is kept: ${lost.join(', ')}`;
};
