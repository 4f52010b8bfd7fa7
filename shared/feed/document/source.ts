import * as z from 'zod';
import { duration, identifier, map, path, size, sourceText, text } from '../../model/kit.ts';
import { auth } from '../../source/auth/registry.ts';
import { next } from '../../source/paging/registry.ts';
import { total } from '../../source/paging/total.ts';
import { responses } from '../../source/responses/registry.ts';

/** The keys under `source`, and those of a connection, as they are written. */

const limits = map({
  concurrency: z.int().min(1).max(40).optional().describe('Slices that fetch at once'),
  requestsPerSecond: z
    .number()
    .positive()
    .optional()
    .describe('Requests of all feeds and slices together, as in 0.5; default no limit'),
  idleTimeout: duration.optional().describe('Longest silence of the source, default 60s'),
});

const connectionKeys = {
  auth: auth.optional(),
  limits: limits.optional(),
  trustedHosts: z
    .array(text)
    .optional()
    .describe('host or host:port that a next link may lead to besides its own'),
  tls: map({ caSecret: text.describe('Id of a secret, a JSON object with `ca`: PEM') }).optional(),
  network: z.enum(['public', 'vpc']).optional().describe('vpc: a private network; default public'),
};

/** One entry of connections.yaml; an overlay may leave out what it does not change. */
export const connectionDocument = map({ baseUrl: text.optional(), ...connectionKeys });
export type ConnectionDocument = z.infer<typeof connectionDocument>;

export const connectionsDocument = z.record(z.string(), connectionDocument);

const httpKeys = {
  path: text.optional().describe("Put after the connection's baseUrl; a template"),
  method: z.enum(['GET', 'POST']).optional().describe('Default GET; POST sends body'),
  body: sourceText.optional().describe('Of a POST; a template whose variables are XML-escaped'),
  params: z.record(z.string(), z.union([sourceText, z.array(sourceText)])).optional(),
  headers: z.record(z.string(), sourceText).optional(),
};

const http = map({
  connection: text.optional().describe('A name in connections.yaml'),
  url: text.optional().describe('https://…, in place of a connection and a path; a template'),
  ...connectionKeys,
  ...httpKeys,
  next: next.optional().describe('How the next page is found'),
  total: total.optional().describe('What the source says of how many records there are'),
  responses: responses
    .optional()
    .describe('What becomes of answers that are no page: the first rule that matches decides'),
});
export type HttpDocument = z.infer<typeof http>;

const s3 = map({
  suffixes: z.array(text).optional().describe('Of the objects to read; default .xml .xml.gz .xml.zst'),
  bucket: text.optional().describe('A bucket of others, with versioning and EventBridge on; needs prefix'),
  prefix: text.optional().describe('What keys of that bucket start with'),
  splitBytes: size
    .optional()
    .describe('Plain files over this are read in ranges of about so much, side by side; at least 1MiB'),
  keep: duration
    .optional()
    .describe(
      'Files that are loaded are removed for good so long after they landed, at least 1d; default: never',
    ),
});

export const sourceDocument = map({ http: http.optional(), s3: s3.optional() });
export type SourceDocument = z.infer<typeof sourceDocument>;

/** Partitions that the source lists itself. */
export const listedPartitions = map({
  http: map({
    ...httpKeys,
    url: text.optional().describe('https://…, where the source has no connection; a template'),
    next: z
      .union([next, z.literal('none')])
      .optional()
      .describe("How the listing's next page is found, or none; default as the source's"),
  }).describe('The request for the listing'),
  rows: path.describe('Absolute path: one partition a match'),
  values: z
    .record(identifier, path)
    .describe('Paths below rows, by the names of the values; name is needed, uri is a link'),
  atMost: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('More partitions than this are an error; default 2000'),
});
export type ListingDocument = z.infer<typeof listedPartitions>;
