import type { Feed } from '../model/feed.ts';
import { dispositionOf } from '../sql/dispositions/registry.ts';

/** What a server tells a document's state by (RFC 9110, 8.8), sent back to be spared a document that is known. */
export interface Validators {
  readonly etag?: string | undefined;
  /** As the server wrote it. */
  readonly lastModified?: string | undefined;
}

/** Weak ones too: what they call equal has the same content. */
const ETAG = /^(W\/)?"[\x21\x23-\x7e]{0,512}"$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long before the answer a document has to have changed last, for its date to tell it from a later one: dates are whole seconds, and the
 * clocks of a server's parts differ.
 */
const LEAST_AGE_MS = 60_000;

/** The validators of an answer; undefined where it has none that can be relied upon. */
export const readValidators = (header: (name: string) => string | undefined): Validators | undefined => {
  const etag = header('etag') ?? '';
  const lastModified = header('last-modified') ?? '';
  const ageMs = Date.parse(header('date') ?? '') - Date.parse(lastModified);
  const isDated = HTTP_DATE.test(lastModified) && ageMs >= LEAST_AGE_MS;
  if (!ETAG.test(etag)) return isDated ? { lastModified } : undefined;
  return isDated ? { etag, lastModified } : { etag };
};

/** Headers that ask for a document only where it is another one. */
export const toConditions = ({ etag, lastModified }: Validators): readonly (readonly [string, string])[] => [
  ...(etag === undefined ? [] : [['if-none-match', etag] as const]),
  ...(lastModified === undefined ? [] : [['if-modified-since', lastModified] as const]),
];

/** Headers by which a feed makes a condition of its own. */
const CONDITIONS = /^if-(none-match|modified-since|match|unmodified-since|range)$/i;

/**
 * Whether a feed is one document, read whole in each run, that says nothing new where it is the same: GET, one page of one partition, no
 * window. Where a table appends, each reading adds rows, whatever it reads.
 */
export const isOneDocument = ({ source, window, partitions, listing, contract }: Feed): boolean =>
  source.kind === 'http' &&
  source.next === undefined &&
  source.body === undefined &&
  !source.headers.some(([name]) => CONDITIONS.test(name)) &&
  window === undefined &&
  listing === undefined &&
  partitions.length === 1 &&
  contract.tables.every((table) => dispositionOf(table).isRepeatable);
