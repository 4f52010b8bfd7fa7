import * as z from 'zod';
import { auth } from '../source/auth/registry.ts';
import { next } from '../source/paging/registry.ts';
import { total } from '../source/paging/total.ts';
import { responses } from '../source/responses/registry.ts';
import { contract } from './contract.ts';
import { deleteLimit, deleteMode } from './deletes.ts';
import { kept } from './kept.ts';

/** A feed as its file and its connection resolve to: what a plan fixes, and what the functions read. */

export const httpSource = kept({
  kind: z.literal('http'),
  /** The connection's name, for `${connection}` and messages. */
  connection: z.string().optional(),
  /** Absolute URL, a template. */
  url: z.string(),
  /** Name and template, in order; a name may repeat. */
  params: z.array(z.tuple([z.string(), z.string()])),
  headers: z.array(z.tuple([z.string(), z.string()])),
  auth,
  /** POST with this body, a template; GET without it. */
  body: z.string().optional(),
  /** How the next page is found; without it there is one page. */
  next: next.optional(),
  /** What the source says of how many records there are. */
  total: total.optional(),
  /** What becomes of answers that are no page: the first rule that matches decides. */
  responses: responses.optional(),
  /** Slices that may fetch at once, 1 to 40. */
  concurrency: z.int(),
  /** The feed's share of what the connection may be asked in a second. */
  requestsPerSecond: z.number().optional(),
  /** Longest silence of the source before or within a response. */
  idleTimeoutMs: z.int(),
  /** host or host:port; the URL's own is implied. */
  trustedHosts: z.array(z.string()),
  /** Id of the secret whose `ca` is trusted beside the public authorities. */
  caSecret: z.string().optional(),
  /** A private network is reached through the deployment's subnets; without it addresses are public ones. */
  network: z.literal('vpc').optional(),
});
export type HttpSource = z.infer<typeof httpSource>;

export const s3Source = kept({
  kind: z.literal('s3'),
  /** A bucket of others, where the objects land under a prefix; without it they land under landing/<feed>/ of ours. */
  bucket: z.string().optional(),
  prefix: z.string().optional(),
  /** Objects whose key ends otherwise are left alone. */
  suffixes: z.array(z.string()),
  /** Plain objects of more bytes are read in ranges of about so many, side by side. */
  splitBytes: z.int().optional(),
  /** Objects that are loaded are removed so long after they landed; without it they stay. Our own bucket only. */
  keepMs: z.int().optional(),
});
export type S3Source = z.infer<typeof s3Source>;

export const partition = kept({ name: z.string(), values: z.record(z.string(), z.string()) });
export type Partition = z.infer<typeof partition>;

/** Partitions that the source lists itself, read when a batch is planned. Its requests go by the source's connection. */
export const listing = kept({
  url: z.string(),
  params: z.array(z.tuple([z.string(), z.string()])),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string().optional(),
  next: next.optional(),
  /** One table: its rows are the partitions, its columns their name and values. */
  contract,
  /** More partitions than this are an error. */
  atMost: z.int(),
});
export type Listing = z.infer<typeof listing>;

export const window = kept({
  cursor: z.string(),
  /** Epoch milliseconds, UTC. */
  startMs: z.int(),
  stepMs: z.int().optional(),
  lookbackMs: z.int(),
  delayMs: z.int(),
  /** iso, iso-offset, date, epoch-seconds, epoch-millis, or a pattern. */
  format: z.string(),
  /** The source gives what lies on the end too: it is dropped, and read by the next window. */
  until: z.literal('inclusive').optional(),
  /** Newest first: paging ends at the first page that lies before the window. */
  stopWhenOlder: z.literal(true).optional(),
});
export type Window = z.infer<typeof window>;

const schedule = kept({ expression: z.string(), timezone: z.string().optional() });

/** A listing of all keys of the first table, by which rows are found that are gone. */
export const comparison = kept({
  schedule,
  /** In place of the source's own. */
  params: z.array(z.tuple([z.string(), z.string()])),
  mode: deleteMode,
  atMost: deleteLimit,
});
export type Comparison = z.infer<typeof comparison>;

export const feed = kept({
  feed: z.string(),
  description: z.string().optional(),
  source: z.discriminatedUnion('kind', [httpSource, s3Source]),
  /** At least one; a feed without partitions has one with an empty name. None where the source lists them. */
  partitions: z.array(partition),
  listing: listing.optional(),
  schedule: schedule.optional(),
  comparison: comparison.optional(),
  window: window.optional(),
  /** A batch fails when its rejects are over both. */
  rejects: kept({ count: z.int(), percent: z.number() }),
  onEmpty: z.enum(['accept', 'fail']),
  /** The feed file says so itself: no record is right, also where the document has some of a name much alike. */
  acceptsEmpty: z.literal(true).optional(),
  /** When batches are loaded; without `everyMs` as they are sealed. */
  load: kept({
    /** Between loads, aligned to the clock: see load-cadence.ts. */
    everyMs: z.int().optional(),
    /** Part files of one load; as many waiting start it early. */
    maxBytes: z.int().optional(),
    /** The feed says so itself: as batches are sealed, whatever the deployment's cadence is. */
    everyBatch: z.literal(true).optional(),
  }).optional(),
  /** The feed's file holds it: nothing of it is begun. */
  paused: z.literal(true).optional(),
  alerts: kept({
    /** Older than this, the feed is stale; see shared/schedule/stale-after.ts. */
    staleAfterMs: z.int().optional(),
  }).optional(),
  contract,
});
export type Feed = z.infer<typeof feed>;

/** The file `feeds.json` that synthesis puts beside the functions that read feeds: feed name to feed. */
export const feedsFile = z.record(z.string(), feed);
export type FeedsFile = z.infer<typeof feedsFile>;
