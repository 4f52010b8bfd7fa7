import { readRecordText } from '../../shared/state/record-text.ts';
import { type ParkedRecord, parkedRecord } from '../../shared/state/records.ts';
import type { CloudClients } from './aws-clients.ts';
import type { Failure } from './report.ts';
import { toPlural } from './terminal.ts';

type Objects = Pick<CloudClients, 'listKeys' | 'readText'>;

/** Parked batches of a feed that are told one by one; a folder of broken files may have left thousands. */
const MOST_PARKED = 20;

/**
 * Batches of a feed that an earlier run parked and that still are: their rows are missing, whatever this run did.
 * `before` are the keys that were under parked/ when it began; what is among its failures already is left out.
 */
export const warnOfParked = async (
  objects: Objects,
  feed: string,
  before: ReadonlySet<string>,
  failures: readonly Failure[],
): Promise<readonly string[]> => {
  const keys = (await objects.listKeys(`parked/${feed}/`)).filter((key) => before.has(key));
  const told: string[] = [];
  for (const key of keys.slice(0, MOST_PARKED)) {
    const parked = readRecordText(key, await objects.readText(key), parkedRecord);
    if (!isAmong(failures, parked)) told.push(toParked(parked));
  }
  const more = keys.length - MOST_PARKED;
  return more <= 0
    ? told
    : [...told, `${toPlural(more, 'more batch')} ${more === 1 ? 'is' : 'are'} parked under parked/${feed}/`];
};

/** A schedule whose next window is parked fails, and says what the record says. */
const isAmong = (failures: readonly Failure[], { feed, batch }: ParkedRecord): boolean =>
  failures.some((one) => one.feed === feed && one.error === 'BatchParked' && one.message.includes(batch));

const toParked = ({ batch, state, error, message, parkedAt }: ParkedRecord): string => {
  // The loader parks as the state Load; all other states are Extract's.
  const heading = state === 'Load' ? 'SettleLoadFailed' : 'ExtractFailed';
  const [line] = message.split('\n');
  return `batch ${batch} is parked since ${parkedAt}: ${error}: ${line}; see ${heading} in docs/runbook.md`;
};
