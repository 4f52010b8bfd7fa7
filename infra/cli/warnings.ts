import { listSkipped } from '../../handlers/operate/skip-batch.ts';
import {
  findSuperseded,
  mayBeSuperseded,
  type Objects,
  type Superseded,
} from '../../handlers/operate/superseded.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { readRecordText } from '../../shared/state/record-text.ts';
import { type ParkedRecord, parkedRecord } from '../../shared/state/records.ts';
import { placeOf } from './page-place.ts';
import type { Failure } from './report.ts';
import { toPlural } from './terminal.ts';

/** Parked batches of a feed that are told one by one; a folder of broken files may have left thousands. */
const MOST_PARKED = 20;

/** Those of which a newer version is looked for: three calls each. */
const MOST_LOOKED_AT = 200;

/** What was there before this run, and what it failed of. */
export interface Before {
  /** Keys under parked/. */
  readonly parked: ReadonlySet<string>;
  /** Keys of the seals that were loaded. */
  readonly settledBatches: ReadonlySet<string>;
  /** Of this run. */
  readonly failures: readonly Failure[];
  /** Words that lead another command to the deployment. */
  readonly options: string;
}

const isOfObject = (key: string): boolean => toBatch(key).startsWith('f-');

const tellMore = (more: number, feed: string): string =>
  `${toPlural(more, 'more batch')} ${more === 1 ? 'is' : 'are'} parked under parked/${feed}/`;

/**
 * Batches of a feed that an earlier run parked and that still are: their rows are missing, whatever this run did. What is
 * among its failures already is left out. Windows, and what was read and not loaded, are failures of each run until somebody
 * gives them back. A landed object that could not be read failed the run that met it, and is a warning of later ones, so that
 * a new failure is told from an old one; `status` ends with 1 for it all the same. It is over once a newer version is loaded, as a
 * comparison is once a later one is: the run that loads it says so, and no later one.
 */
export const tellParked = async (
  objects: Objects,
  { feed, ...of }: Feed,
  { parked, settledBatches, failures, options }: Before,
): Promise<{ readonly failures: readonly Failure[]; readonly warnings: readonly string[] }> => {
  const skipped = await listSkipped(feed, objects);
  const keys = (await objects.records.list(`parked/${feed}/`)).keys.filter(
    (key) => parked.has(key) && !skipped.has(toBatch(key)),
  );
  const some = keys.map(toBatch).filter(mayBeSuperseded).slice(0, MOST_LOOKED_AT);
  const superseded = await findSuperseded(objects, { feed, ...of }, some);
  const open = keys.filter((key) => !superseded.has(toBatch(key)));
  const lost: Failure[] = [];
  const unread: string[] = [];
  for (const key of open.slice(0, MOST_PARKED)) {
    const record = readRecordText(key, (await objects.records.read(key)) ?? '', parkedRecord);
    if (isAmong(failures, record)) continue;
    const { batch, state } = record;
    if (isOfObject(key) && state !== 'Load')
      unread.push(
        `${toParked(record)}; npx millrace status ${feed}${options} says what to do, and ends with 1 until that is done`,
      );
    else lost.push({ feed, batch, state, error: 'BatchParked', message: toParked(record) });
  }
  const more = open.length - MOST_PARKED;
  const [first] = lost;
  if (more > 0 && first !== undefined) lost.push({ ...first, batch: '', message: tellMore(more, feed) });
  else if (more > 0) unread.push(tellMore(more, feed));
  const over = [...superseded].filter(([, { by }]) => !settledBatches.has(by));
  return { failures: lost, warnings: [...unread, ...tellSuperseded(over)] };
};

const toBatch = (key: string): string => key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, '');

const tellSuperseded = (all: readonly (readonly [string, Superseded])[]): readonly string[] => {
  const [first, ...more] = all;
  if (first === undefined) return [];
  const [batch, { what }] = first;
  const others = more.length === 0 ? '' : `; so are ${toPlural(more.length, 'more parked batch')}`;
  return [`parked batch ${batch} is superseded: ${what} is loaded${others}`];
};

/** A schedule whose next window is parked fails, and says what the record says. */
const isAmong = (failures: readonly Failure[], { feed, batch }: ParkedRecord): boolean =>
  failures.some((one) => one.feed === feed && one.error === 'BatchParked' && one.message.includes(batch));

const toParked = ({ batch, state, error, message, parkedAt }: ParkedRecord): string => {
  // The loader parks as the state Load; all other states are Extract's.
  const heading = state === 'Load' ? 'SettleLoadFailed' : 'ExtractFailed';
  const [line] = message.split('\n');
  return `batch ${batch} is parked since ${parkedAt}: ${error}: ${line}; see ${heading} in ${placeOf('runbook')}`;
};
