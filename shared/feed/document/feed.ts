import * as z from 'zod';
import {
  duration,
  identifier,
  map,
  path,
  size,
  sourceText,
  text,
  textHinted,
  textLike,
} from '../../model/kit.ts';
import { isNcName } from '../../model/path.ts';
import { GRANTEE, hintGrantee } from '../../sql/prepare/grants.ts';
import { deletesDocument, percentage, scheduleDocument } from './deletes.ts';
import { listedPartitions, sourceDocument } from './source.ts';
import { tablesDocument } from './table.ts';

/** A feed file as it is written. What the format has and is not built is not here. */

const windowDocument = map({
  cursor: identifier.describe("A column of the record's table"),
  start: z.iso.datetime({ offset: true, error: 'a time such as 2020-01-01T00:00:00Z' }),
  step: duration.optional().describe('Longest slice of a backlog'),
  lookback: duration.optional().describe('Taken off ${window.from}: late commits at the source'),
  delay: duration.optional().describe("Stay behind the schedule's time and the source's clock"),
  format: text
    .optional()
    .describe('iso iso-offset date epoch-seconds epoch-millis or a pattern; default iso'),
  until: z.literal('inclusive').optional().describe('The source gives what lies on ${window.to} too'),
  stopWhenOlder: z
    .boolean()
    .optional()
    .describe('The source gives the newest first: read up to a page before the window'),
});

const namedPartition = z.object({ name: sourceText }).catchall(sourceText);

/** XML binds xml and xmlns itself, and nothing else may. */
const prefix = z.string().refine((name) => isNcName(name) && name !== 'xml' && name !== 'xmlns', {
  error: 'default or a prefix: an XML name without colon, other than xml and xmlns',
});

export const feedDocument = map({
  feed: textLike(/^[a-z][a-z0-9_]{0,62}$/, 'a lower-case letter, then up to 62 of a-z 0-9 _').describe(
    "Equal to the file's name",
  ),
  description: text.optional(),
  source: sourceDocument.describe('Exactly one of http and s3'),
  partitions: z
    .union([z.array(namedPartition).min(1).max(200), listedPartitions])
    .optional()
    .describe('Slices of their own: a list, or where the source lists them'),
  schedule: scheduleDocument
    .optional()
    .describe('rate(…), cron(…) or at(…), as EventBridge Scheduler takes them'),
  window: windowDocument.optional().describe('Without it every run reads everything'),
  namespaces: z
    .record(prefix, z.string())
    .optional()
    .describe('Prefix: URI; default is that of unprefixed elements'),
  record: path.optional().describe("The first table's rows"),
  tables: tablesDocument,
  deletes: deletesDocument.optional().describe('By table: the elements that say which of its rows are gone'),
  rejects: map({
    atMost: z.array(z.union([z.int().min(0), percentage])).length(2),
  })
    .optional()
    .describe('A batch fails only when over both; default [10, 1%]'),
  onEmpty: z.enum(['accept', 'fail']).optional().describe('Default fail for replace, else accept'),
  contract: z
    .enum(['evolve', 'freeze'])
    .optional()
    .describe('What becomes of tables that are there: changed as the feed needs it, or by a person alone'),
  grants: map({
    select: z
      .array(textHinted(GRANTEE, 'group NAME, role NAME, public or the name of a user', hintGrantee))
      .min(1)
      .max(20)
      .describe('Who may read the tables: group NAME, role NAME, public or the name of a user'),
  }).optional(),
  load: map({
    every: textLike(/^(batch|\d{1,9}[smhd])$/, 'batch or a duration such as 5m')
      .optional()
      .describe(
        'Between loads: batch, or what divides an hour or a day, 1m to 1d; default that of the deployment',
      ),
    maxBytes: size
      .optional()
      .describe('Part files of one load; as many waiting start it early; default and most 1GiB'),
  })
    .optional()
    .describe('Micro-batches; default: as batches are sealed'),
  alerts: map({
    staleAfter: duration
      .optional()
      .describe('The feed is stale when nothing new came for so long; default three times of its schedule'),
  })
    .optional()
    .describe('When a person is told of the feed'),
  paused: z
    .boolean()
    .optional()
    .describe('Holds the feed from its deployment on: its schedules, landed files and loads; default false'),
});
export type FeedDocument = z.infer<typeof feedDocument>;
