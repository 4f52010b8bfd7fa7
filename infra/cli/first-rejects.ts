import { pipeline } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { parseCsv } from '../../shared/csv/parse-csv.ts';
import { REJECT_COLUMNS, STAGED_NULL } from '../../shared/csv/staged.ts';
import { TooManyRejects } from '../../shared/errors.ts';
import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { readRecordText } from '../../shared/state/record-text.ts';
import { type BatchRecord, MAX_FIRST_REJECTS, stepRecord } from '../../shared/state/records.ts';
import type { CloudClients } from './aws-clients.ts';
import type { Failure, FirstRejects } from './report.ts';

type Objects = Pick<CloudClients, 'listKeys' | 'readText' | 'open'>;

/** Text that is read of a reject file: a reject has at most some thousand characters. */
const MOST_TEXT = 256 * 1024;

/** Steps of a batch that failed whose records are looked through for rejects. */
const MOST_STEPS = 200;

/**
 * The first rejected rows of a feed in this run, with the values that warnings must not have: of its sealed batches, else of those that
 * failed of too many. Undefined where there are none.
 */
export const readFirstRejects = async (
  objects: Objects,
  batches: readonly Pick<BatchRecord, 'rejects'>[],
  failures: readonly Failure[],
): Promise<FirstRejects | undefined> => {
  const sealed = batches.flatMap(({ rejects }) => rejects.parts.map(({ key }) => key));
  const files = sealed.length > 0 ? sealed : await findUnsealed(objects, failures);
  const [file] = files;
  if (file === undefined) return undefined;
  const lines: string[] = [];
  for (const key of files) {
    const wanted = MAX_FIRST_REJECTS - lines.length;
    if (wanted === 0) break;
    const rows = parseCsv(await readStart(objects, key), STAGED_NULL, wanted + 1).slice(1);
    lines.push(...rows.map(toLine));
  }
  return { lines, file, files: files.length };
};

/** Reject files of the newest restart of batches that were refused for their rejects. */
const findUnsealed = async (objects: Objects, failures: readonly Failure[]): Promise<readonly string[]> => {
  const failed = failures.find(({ error, batch }) => error === TooManyRejects.name && batch !== '');
  if (failed === undefined) return [];
  const keys = await objects.listKeys(`slices/${failed.feed}/${failed.batch}/`);
  const steps = keys.map((key) => ({ key, of: parseKeyIfOurs(key) }));
  const restartOf = ({ of }: (typeof steps)[number]): number => (of?.kind === 'step' ? of.restart : -1);
  const newest = Math.max(...steps.map(restartOf));
  for (const { key } of steps
    .filter((one) => newest >= 0 && restartOf(one) === newest)
    .slice(0, MOST_STEPS)) {
    const { rejects } = readRecordText(key, await objects.readText(key), stepRecord);
    if (rejects.parts.length > 0) return rejects.parts.map((part) => part.key);
  }
  return [];
};

const readStart = async ({ open }: Objects, key: string): Promise<string> => {
  const text = createZstdDecompress().setEncoding('utf8');
  // What goes wrong is met where the text is read; that it is left in the middle is nothing wrong.
  pipeline(await open(key), text, () => undefined);
  let start = '';
  for await (const piece of text) {
    start += piece;
    if (start.length >= MOST_TEXT) break;
  }
  return start;
};

/** As `convert` tells a reject. */
const toLine = (row: readonly (string | null)[]): string => {
  const of = (name: (typeof REJECT_COLUMNS)[number]): string => row[REJECT_COLUMNS.indexOf(name)] ?? '';
  return `${of('table')} at ${of('place')} line ${of('line')}, column ${of('column')}: ${of('path')}: ${of('reason')}`;
};
