import * as z from 'zod';
import type { Need } from './need.ts';
import { commandsFor, toWaysText } from './remedies/registry.ts';
import { step } from './remedies/remedy.ts';
import type { Subject } from './subject.ts';

/** What FeedNeedsAttention and FeedRecovered say. Either may arrive twice with the same detail; feed, need and `at` tell so. */
export const attentionDetail = z.strictObject({
  feed: z.string(),
  need: z.string(),
  /** When it was noticed, or noticed to be over. */
  at: z.string(),
  since: z.string(),
  batch: z.string().optional(),
  error: z.string().optional(),
  cause: z.string(),
  /** What to type on the local cloud, in order; on AWS `lines` has it with the deployment's name. `command` is the first of them. */
  command: z.string(),
  commands: z.array(z.string()).min(1),
  /** The same with what is done between them: of these ways one is taken. */
  ways: z.array(z.array(step)),
  /** The heading of docs/runbook.md. */
  heading: z.string(),
  lines: z.strictObject({
    what: z.string(),
    why: z.string(),
    next: z.string(),
    logs: z.string(),
    trace: z.string(),
  }),
});
export type AttentionDetail = z.infer<typeof attentionDetail>;

/** Where a deployment is, for commands and links. */
export interface Whereabouts {
  /** Words behind every command: ` --env test`. */
  readonly options: string;
  /** The page of the log query about a feed, or a batch of it. */
  logs(feed: string, batch: string | undefined): string;
  /** The page of its traces. */
  trace(feed: string, batch: string | undefined): string;
}

export interface Told extends Subject {
  readonly need: Need;
  readonly at: string;
  readonly since: string;
  readonly cause: string;
}

/** What a person reads first. */
export const toHeadline = ({ feed, batch }: Pick<Told, 'feed' | 'batch'>, says: string): string =>
  `feed ${feed} ${says}${batch === undefined ? '' : `: ${batch}`}`;

/** The detail of FeedNeedsAttention. */
export const toNeedsAttention = (told: Told, where: Whereabouts): AttentionDetail =>
  toDetail(told, where, {
    what: toHeadline(told, told.need.says),
    why: `since ${told.since}: ${told.cause}`,
    next: `next: ${toWaysText(told.need.ways(told), where)}; docs/runbook.md, ${told.need.heading}, says more`,
  });

/** The detail of FeedRecovered. */
export const toRecovered = (told: Told, where: Whereabouts): AttentionDetail =>
  toDetail(told, where, {
    what: toHeadline({ ...told, batch: undefined }, told.need.over),
    why: `it began ${told.since}: ${told.cause}`,
    next: `you need to do nothing; npx millrace status ${told.feed}${where.options} shows the feed`,
  });

const toDetail = (
  told: Told,
  where: Whereabouts,
  lines: { readonly what: string; readonly why: string; readonly next: string },
): AttentionDetail => {
  const ways = told.need.ways(told);
  const [command, ...others] = commandsFor(told, ways);
  return {
    feed: told.feed,
    need: told.need.word,
    at: told.at,
    since: told.since,
    ...(told.batch === undefined ? {} : { batch: told.batch }),
    ...(told.error === undefined ? {} : { error: told.error }),
    cause: told.cause.slice(0, MAX_CAUSE),
    command,
    commands: [command, ...others],
    ways: ways.map((way) => [...way]),
    heading: told.need.heading,
    lines: {
      what: toLine(lines.what),
      why: toLine(lines.why),
      next: toLine(lines.next),
      logs: where.logs(told.feed, told.batch),
      trace: where.trace(told.feed, told.batch),
    },
  };
};

/** An event has 1 MB, a message of SNS 256 KiB; nobody reads more than this of an error. */
const MAX_CAUSE = 2_000;

/**
 * One line that may stand between the quotes of an input transformer, which puts texts there as they are
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html).
 */
const toLine = (text: string): string =>
  text
    .slice(0, MAX_CAUSE)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll('<', '(')
    .replaceAll('>', ')');
