import type { Facts, Trouble } from '../../shared/attention/facts.ts';
import { InvalidInput, RecordTooNew } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { toKey } from '../../shared/state/keys.ts';
import { readRecordText } from '../../shared/state/record-text.ts';
import { parkedRecord } from '../../shared/state/records.ts';
import { readAgainRange } from '../operate/read-again.ts';
import { findSuperseded, mayBeSuperseded } from '../operate/superseded.ts';
import { readEach } from '../read-each.ts';
import type { FactsDeps } from './facts-deps.ts';
import type { Overview } from './read-overview.ts';

/** Those of which a newer version is looked for at once: three calls each. */
const MOST_LOOKED_AT = 200;

/** Records that are read to tell the oldest. */
const MOST_READ = 20;

/** The batches of a feed that wait for a person. Of a feed that is not deployed nothing is known to be superseded. */
export const readParked = async (
  name: string,
  feed: Feed | undefined,
  overview: Overview,
  deps: FactsDeps,
): Promise<Facts['parked']> => {
  const marks = new Set(overview.marks.get(name) ?? []);
  const all = overview.parked.get(name) ?? [];
  const open = all.filter((batch) => !marks.has(supersededMark(batch)));
  const some = open.filter(mayBeSuperseded).slice(0, MOST_LOOKED_AT);
  const found = feed === undefined || some.length === 0 ? new Map() : await findSuperseded(deps, feed, some);
  const batches = open.filter((batch) => !found.has(batch));
  const read = await readEach(batches.slice(0, MOST_READ), (batch) => readTrouble(name, batch, deps));
  const [oldest, ...others] = read
    .filter((trouble) => trouble !== undefined)
    .toSorted((a, b) => a.atMs - b.atMs);
  return {
    all,
    batches,
    oldest: oldest && (await withAgain(name, oldest, deps)),
    others,
    newlySuperseded: [...found].map(([batch, { what }]) => ({ batch, by: what })),
  };
};

/** Found once, and marked. */
export const supersededMark = (batch: string): string => `superseded-${batch}`;

/** One parked batch, with what it is read again by; undefined where it is not parked. */
export const readParkedOne = async (
  feed: string,
  batch: string,
  deps: Pick<FactsDeps, 'records' | 'clock'>,
): Promise<Trouble | undefined> => {
  const trouble = await readTrouble(feed, batch, deps);
  return trouble && withAgain(feed, trouble, deps);
};

const withAgain = async (
  feed: string,
  trouble: Trouble,
  { records }: Pick<FactsDeps, 'records'>,
): Promise<Trouble> => {
  const { batch = '', error, message } = trouble;
  try {
    return { ...trouble, again: await readAgainRange({ feed, batch, error, message }, records) };
  } catch (failure) {
    // As of a parked record that cannot be read: the batch is told all the same.
    if (!isUnreadable(failure)) throw failure;
    return trouble;
  }
};

/** A record by hand, or of a newer release: what it would say is not known. */
export const isUnreadable = (error: unknown): error is InvalidInput | RecordTooNew =>
  error instanceof InvalidInput || error instanceof RecordTooNew;

const readTrouble = async (
  feed: string,
  batch: string,
  { records, clock }: Pick<FactsDeps, 'records' | 'clock'>,
): Promise<Trouble | undefined> => {
  const key = toKey({ kind: 'parked', feed, batch });
  const text = await records.read(key);
  if (text === undefined) return undefined;
  try {
    const { state, error, message, parkedAt } = readRecordText(key, text, parkedRecord);
    return { atMs: Date.parse(parkedAt), batch, state, error, message };
  } catch (error) {
    // A record by hand, or of a newer release: the batch is parked all the same.
    if (!isUnreadable(error)) throw error;
    return { atMs: clock.now(), batch, state: '', error: error.name, message: error.message };
  }
};
