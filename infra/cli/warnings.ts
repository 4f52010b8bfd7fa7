import { parseKey } from '../../shared/keys.ts';
import {
  type BatchRecord,
  MAX_FIRST_REJECTS,
  type ParkedRecord,
  parkedRecord,
  stepRecord,
} from '../../shared/records.ts';
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
    const parked = parkedRecord.parse(JSON.parse(await objects.readText(key)));
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

/** What a feed's batches left out: the first rejects with place and reason, and how many rows no window holds. */
export const warnOfDropped = async (
  objects: Objects,
  batches: readonly BatchRecord[],
): Promise<readonly string[]> => {
  const rejects: string[] = [];
  for (const batch of batches) {
    if (rejects.length < MAX_FIRST_REJECTS) rejects.push(...(await readFirstRejects(objects, batch)));
  }
  const outside = batches.reduce((sum, batch) => sum + batch.outside, 0);
  return [
    ...rejects.slice(0, MAX_FIRST_REJECTS).map((reject) => `rejected: ${reject}`),
    ...(outside === 0 ? [] : [`${toPlural(outside, 'row')} dropped: their cursor lies outside the window`]),
  ];
};

/** Of the steps that were sealed alone: those whose attempt wrote a file of the batch's rejects. */
const readFirstRejects = async (
  objects: Objects,
  { feed, batch, rejects }: BatchRecord,
): Promise<readonly string[]> => {
  const attempts = new Set(rejects.parts.map(({ key }) => attemptOf(key)));
  if (attempts.size === 0) return [];
  const found: string[] = [];
  for (const key of await objects.listKeys(`slices/${feed}/${batch}/`)) {
    if (found.length >= MAX_FIRST_REJECTS || parseKey(key).kind !== 'step') continue;
    const step = stepRecord.parse(JSON.parse(await objects.readText(key)));
    if (attempts.has(step.attempt)) found.push(...step.firstRejects);
  }
  return found;
};

const attemptOf = (key: string): string | undefined => {
  const parsed = parseKey(key);
  return parsed.kind === 'staged' ? parsed.attempt : undefined;
};
