import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type CsvFile, openCsvFile } from '../../shared/csv/csv-file.ts';
import { dropRow, newRowBytes } from '../../shared/csv/row-bytes.ts';
import { REJECT_COLUMNS } from '../../shared/csv/staged.ts';
import { TooManyRejects } from '../../shared/errors.ts';
import type { TableContract } from '../../shared/model/contract.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { findEmptied, findExcess, tellEmptied } from '../../shared/rejects-limit.ts';
import {
  type DocumentSummary,
  parseDocument,
  type Reject,
  type RowFields,
} from '../../shared/xml/document.ts';
import { onThisMachine, readFeedFiles } from '../feeds-folder.ts';
import { makeFolder } from '../make-folder.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import { reportConversion, rowsByTable } from './conversion-report.ts';
import { readDocumentValues } from './document-values.ts';
import { findInputFile, readPassing } from './input-file.ts';
import { fileInFolder, findTarget, type Target } from './target.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** NULL in the CSV that people read; data equal to it is quoted. */
const NULL_TEXT = '\\N';

/** Rejected rows that are told of on stderr; --rejects has them all. */
const MOST_TOLD = 10;

/** A CSV file and where it goes; `done` settles when its last byte is there. */
interface Output {
  readonly file: CsvFile;
  readonly done: Promise<void>;
}

/** The document, and what its rows tell of it. */
interface Input {
  readonly source: AsyncIterable<Uint8Array>;
  readonly place: string;
  readonly valueText: (template: string) => string;
}

/** `millrace convert FEED.yaml INPUT`: one document to CSV, by a feed's tables. No cloud at all. */
export const convertDocument = async (args: VerbArguments, io: CommandIo): Promise<number> => {
  const [feedPath = '', input = ''] = args.operands;
  const feed = await readFeed(resolve(io.cwd, feedPath), io.cwd);
  const inputPath = input === '-' ? input : await findInputFile(input, io);
  const valueText = await readDocumentValues(feed, inputPath, args.values.get('variable') ?? []);
  const tables = feed.contract.tables;
  const folder = firstValue(args, 'out');
  const chosen = chooseTable(tables, firstValue(args, 'table'), folder);
  keepHeapSmall();
  if (folder !== undefined) makeOutFolder(folder, io);
  // All are found before one is opened: what was opened would have to be closed again.
  const targets = await Promise.all(
    tables.map((table) => {
      if (folder !== undefined) return fileInFolder(folder, `${table.table}.csv`, io);
      return table === chosen ? findTarget(undefined, io) : undefined;
    }),
  );
  const rejectsPath = firstValue(args, 'rejects');
  const rejectsTarget = rejectsPath === undefined ? undefined : await findTarget(rejectsPath, io);
  const outputs = tables.map(({ columns }, index) =>
    open(
      columns.map(({ name }) => name),
      targets[index],
    ),
  );
  const rejects = open(REJECT_COLUMNS, rejectsTarget);
  const source = readPassing(inputPath, io);
  const place = input === '-' ? 'stdin' : input;
  const hasRead = await write(feed, { source, place, valueText }, outputs, rejects, io);
  if (folder === undefined)
    tellOthers(
      tables.filter(({ deletes }) => deletes === undefined),
      firstValue(args, 'table'),
      io,
    );
  return hasRead ? EXIT.done : EXIT.failed;
};

/**
 * V8 takes memory for speed as it sees fit: 250 MB for a document of 500 MB, a third of it garbage. Growing less, both generations stay
 * flat: 110 MB of the bench's documents peak at 86 to 111 MB, without it at 97 to 126, in the same time within a tenth.
 */
const keepHeapSmall = (): void => {
  growHeap(1, 50);
  // The flags are part of what compiled code is kept for: the next process has those of a new one when it looks.
  process.prependListener('exit', () => growHeap(2, 0));
};

const growHeap = (semiSpaceFactor: number, growingPercent: number): void => {
  setFlagsFromString(`--semi-space-growth-factor=${semiSpaceFactor}`);
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
};

const makeOutFolder = (folder: string, { cwd }: CommandIo): void => {
  try {
    makeFolder(resolve(cwd, folder));
  } catch (error) {
    throw new UsageError(`--out ${folder}: ${error instanceof Error ? error.message : error}`);
  }
};

const readFeed = async (path: string, cwd: string): Promise<Feed> => {
  const [feed] = await readFeedFiles([path], onThisMachine(cwd));
  if (feed === undefined) throw new UsageError(`${path} holds no feed`);
  return feed;
};

const chooseTable = (
  tables: readonly TableContract[],
  name: string | undefined,
  folder: string | undefined,
): TableContract | undefined => {
  if (name !== undefined && folder !== undefined) {
    throw new UsageError('--table and --out exclude each other: --out writes every table');
  }
  const chosen = name === undefined ? tables[0] : tables.find(({ table }) => table === name);
  if (chosen === undefined) {
    throw new UsageError(`no table ${name}; allowed: ${tables.map(({ table }) => table).join(', ')}`);
  }
  return chosen;
};

/** Who named no table may not know that there are more, beside tombstones. */
const tellOthers = (
  [first, second]: readonly TableContract[],
  name: string | undefined,
  { stderr }: CommandIo,
): void => {
  if (name !== undefined || first === undefined || second === undefined) return;
  stderr.write(`this is ${first.table} alone; another: --table ${second.table}; all of them: --out FOLDER\n`);
};

const open = (header: readonly string[], target: Target | undefined): Output | undefined => {
  if (target === undefined) return undefined;
  const file = openCsvFile({ nullText: NULL_TEXT, compression: 'none', header });
  const done = target(file.body);
  // Its failure is met when all is awaited; until then it must not count as unhandled.
  done.catch(() => undefined);
  return { file, done };
};

/**
 * Parses the source into the outputs; answers whether each table found its rows. Whatever fails, every output is aborted, and the first
 * error is thrown.
 */
const write = async (
  feed: Feed,
  { source, place, valueText }: Input,
  outputs: readonly (Output | undefined)[],
  rejects: Output | undefined,
  io: CommandIo,
): Promise<boolean> => {
  const all = [...outputs, rejects].filter((output) => output !== undefined);
  let failure: unknown;
  const abort = (cause: unknown): void => {
    failure ??= cause;
    for (const { file } of all) file.abort(cause instanceof Error ? cause : new Error(String(cause)));
  };
  for (const { done } of all) done.catch(abort);
  try {
    const summary = await parseDocument(
      source,
      {
        ...{ contract: feed.contract, place, valueText },
        rowNumbers: { base: 0, used: feed.contract.tables.map(() => 0) },
      },
      {
        fields: toFields(outputs),
        row: (table, values) => outputs[table]?.file.write(values),
        reject: newTeller(place, rejects, io),
        ready: () => waitForAll(all),
      },
    );
    const hasRead = reportConversion(feed.contract, summary, io.stderr);
    const tooMany = findTooManyRejects(feed, summary, place);
    if (tooMany !== undefined) {
      // Of all outputs the rejects are the one that is wanted now.
      rejects?.file.end();
      await rejects?.done;
      throw tooMany;
    }
    for (const { file } of all) file.end();
    await Promise.all(all.map(({ done }) => done));
    return hasRead;
  } catch (error) {
    abort(error);
    await Promise.allSettled(all.map(({ done }) => done));
    throw failure;
  }
};

/** Where rows of the tables are written; those of a table without an output go nowhere. */
const toFields = (outputs: readonly (Output | undefined)[]): RowFields => {
  const nowhere = newRowBytes(NULL_TEXT, 0);
  return {
    added: 0,
    begin: (table) => outputs[table]?.file.row ?? nowhere,
    end: (table) => {
      const output = outputs[table];
      if (output === undefined) dropRow(nowhere);
      else output.file.endRow();
    },
  };
};

const waitForAll = (all: readonly Output[]): Promise<void> | undefined => {
  const waiting = all.map(({ file }) => file.ready()).filter((ready) => ready !== undefined);
  return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
};

/** Writes a reject where --rejects says, and the first few to stderr. */
const newTeller = (place: string, rejects: Output | undefined, io: CommandIo) => {
  let told = 0;
  return (reject: Reject): void => {
    const { table, row, line, column, path, reason, raw } = reject;
    rejects?.file.write([table, String(row), place, String(line), String(column), path, reason, raw]);
    told += 1;
    if (told <= MOST_TOLD)
      io.stderr.write(`rejected: ${table} at ${place} line ${line}, column ${column}: ${path}: ${reason}\n`);
  };
};

/** An error when a table rejected rows and kept none, or the rejects are over both of the feed's limits. */
const findTooManyRejects = (
  { rejects, contract }: Feed,
  summary: DocumentSummary,
  place: string,
): TooManyRejects | undefined => {
  const emptied = findEmptied(summary.rejected, rowsByTable(contract, summary));
  if (emptied !== undefined)
    return new TooManyRejects(
      `${place} has ${tellEmptied(emptied, summary.rejected, contract, new Set(summary.rejectedBy))}`,
    );
  const rows = summary.rows.reduce((sum, n) => sum + n, 0);
  const excess = findExcess(summary.rejects, rows, rejects);
  return excess === undefined ? undefined : new TooManyRejects(`${place} has ${excess}`);
};
