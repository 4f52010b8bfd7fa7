import { type OperateDeps, type RejectedRow, readRejects } from '../../handlers/operate/list-rejects.ts';
import { findRejectedBatch, type RejectedBatch } from '../../handlers/operate/rejected-batches.ts';
import { TooManyRejects } from '../../shared/errors.ts';
import { type BatchRecord, MAX_FIRST_REJECTS } from '../../shared/state/records.ts';
import type { Failure, FirstRejects } from './report.ts';

type Rejected = Pick<RejectedBatch, 'batch' | 'parts'>;

/**
 * The first rejected rows of a feed in this run, with the values that warnings must not have: of its sealed batches, else of one that
 * failed of too many. Undefined where there are none.
 */
export const readFirstRejects = async (
  feed: string,
  batches: readonly Pick<BatchRecord, 'batch' | 'rejects'>[],
  failures: readonly Failure[],
  deps: Pick<OperateDeps, 'records' | 'open'> & { readonly options: string },
): Promise<FirstRejects | undefined> => {
  const sealed = batches
    .filter(({ rejects }) => rejects.parts.length > 0)
    .map(({ batch, rejects }) => ({ batch, parts: rejects.parts }));
  const rejected = sealed.length > 0 ? sealed : await findUnsealed(feed, failures, deps);
  const [first, ...others] = rejected;
  if (first === undefined) return undefined;
  const lines: string[] = [];
  const parts = rejected.flatMap((one) => one.parts);
  for await (const row of readRejects(parts, deps)) {
    lines.push(toLine(row));
    if (lines.length === MAX_FIRST_REJECTS) break;
  }
  const only = others.length === 0 ? ` --batch ${first.batch}` : '';
  return { lines, command: `npx millrace rejects ${feed}${only}${deps.options}` };
};

const findUnsealed = async (
  feed: string,
  failures: readonly Failure[],
  { records }: Pick<OperateDeps, 'records'>,
): Promise<readonly Rejected[]> => {
  const failed = failures.find(({ error, batch }) => error === TooManyRejects.name && batch !== '');
  const found = failed && (await findRejectedBatch(feed, failed.batch, records));
  return found === undefined ? [] : [found];
};

/** As `convert` tells a reject. */
const toLine = ({ table, place, line, column, path, reason }: RejectedRow): string =>
  `${table} at ${place} line ${line}, column ${column}: ${path}: ${reason}`;
