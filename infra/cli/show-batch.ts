import type { LoadStory } from '../../handlers/operate/loads-of.ts';
import { readParkedOne } from '../../handlers/operate/parked-one.ts';
import { landsOf } from '../../handlers/operate/read-status.ts';
import { tellSuperseded } from '../../handlers/operate/superseded.ts';
import { type BatchStory, type PlanStory, tellBatch } from '../../handlers/operate/tell-batch.ts';
import { toParkedSubject } from '../../shared/attention/needs/parked.ts';
import { parkedWays, remedyOf } from '../../shared/attention/remedies/registry.ts';
import { mayPass } from '../../shared/attention/trouble.ts';
import { findBatchFeed, unknownBatch } from './batch-feed.ts';
import { toCauseText } from './cause.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { toTable } from './rows-format.ts';
import type { OpenToLook } from './show-status.ts';
import { isAtRest, toBatchNext, toRetry } from './status-next.ts';
import { toCount, toDuration, toPlural, toSize, toTook } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** `millrace batch BATCH`: one batch's whole story. Exit status 1 where it is parked. */
export const showBatch = async (args: VerbArguments, io: CommandIo, open: OpenToLook): Promise<number> => {
  const [batch = ''] = args.operands;
  const deployment = await open(args, io);
  try {
    const feed = await findBatchFeed(args, deployment);
    const told = await tellBatch(feed, batch, deployment);
    if (told === undefined) throw unknownBatch(batch);
    const definition = (await deployment.readFeeds())?.[feed];
    const [story = told] = await tellSuperseded([told], definition, deployment);
    const [failure] = story.state === 'reading' ? story.failures : [];
    const isOk = story.state !== 'parked' && (failure === undefined || mayPass(failure.error));
    io.stdout.write(
      args.flags.has('json')
        ? `${JSON.stringify({ ok: isOk, ...story }, undefined, 2)}\n`
        : toText(story, io.stdout.columns),
    );
    if (isOk) {
      const isLeft = failure !== undefined && isAtRest(deployment);
      if (isLeft) io.stderr.write(`next: ${toRetry(feed, { ...failure, batch }, deployment)}\n`);
      return EXIT.done;
    }
    const next = await toNext(story, landsOf(feed, definition), deployment);
    io.stderr.write(`next: ${next}\n`);
    return EXIT.failed;
  } finally {
    await deployment.close();
  }
};

/** What is to be done about it. */
const toNext = async (
  { feed, batch, failures }: BatchStory,
  lands: string | undefined,
  deployment: Awaited<ReturnType<OpenToLook>>,
): Promise<string> => {
  const parked = await readParkedOne(feed, batch, deployment);
  if (parked !== undefined) {
    const ways = parkedWays(toParkedSubject(feed, parked));
    return toBatchNext({ ...parked, feed, ways }, lands, deployment);
  }
  const [failure] = failures;
  if (failure === undefined) return `npx millrace status ${feed}${deployment.options}`;
  const ways = remedyOf(failure.error).failing({ ...failure, feed, batch });
  return toBatchNext({ ...failure, feed, ways }, lands, deployment);
};

const toText = (story: BatchStory, columns: number | undefined): string =>
  [
    `${story.feed} ${story.batch}  ${story.state}, covers ${story.covers}`,
    ...story.plans.map((plan) => toPlanText(plan, columns)),
    ...toSealLines(story),
    ...story.loads.flatMap(toLoadLines),
    ...toParkedLines(story),
    ...toFailedLines(story),
    '',
  ].join('\n');

const toPlanText = (
  { plan, at, slices, steps, refusals }: PlanStory,
  columns: number | undefined,
): string => {
  const rows = steps.map((step) => [
    ...[`${step.slice}-${step.restart}-${step.step}`, step.partition, step.at, toDuration(step.ms)],
    ...[step.pages, step.records, step.rows, step.rejects, toSize(step.bytes), step.isLast ? 'complete' : ''],
  ]);
  const names = ['step', 'partition', 'published', 'took', 'pages', 'records', 'rows', 'rejects', 'XML', ''];
  const table = rows.length === 0 ? [] : [toTable({ columns: names, rows }, columns).trimEnd()];
  const refused = refusals.map(
    ({ restart, at: refusedAt, error }) =>
      `refused ${refusedAt}  what was read up to restart ${restart}: ${error}`,
  );
  return [`planned ${at}  ${toPlural(slices, 'slice')}, ${plan}`, ...table, ...refused].join('\n');
};

const toSealLines = ({ seal, plans }: BatchStory): readonly string[] => {
  if (seal === undefined) return ['not sealed'];
  const from = plans[0]?.at ?? seal.at;
  const tables = Object.entries(seal.rows).map(([table, n]) => `${table} ${toCount(n)}`);
  return [
    `sealed  ${seal.at}  ${toTook(from, seal.at)} after its plan: ${toPlural(seal.records, 'record')}, ${toPlural(seal.rejects, 'reject')}, ${toSize(seal.bytes)} of XML; rows: ${tables.join(', ')}`,
    ...seal.warnings.map((warning) => `  note  ${warning}`),
    `  correlation ${seal.correlation}${seal.traceId === undefined ? '' : `, trace ${seal.traceId}`}`,
  ];
};

const toLoadLines = ({ load, batches, plannedAt, tries, settledAt, outcome, error }: LoadStory): string[] => [
  `load    ${plannedAt}  ${load} with ${toPlural(batches.length, 'batch')}`,
  ...tries.map(
    ({ at, statementId }, index) =>
      `  try ${index + 1} ${at}  ${toTook(plannedAt, at)} after its plan, statement ${statementId}`,
  ),
  settledAt === undefined
    ? '  in flight'
    : `  ${outcome}  ${settledAt}  ${toTook(tries.at(-1)?.at ?? plannedAt, settledAt)} after its last try${error === undefined ? '' : `: ${error.name}: ${toCauseText(error.message, WHOLE)}`}`,
];

const toFailedLines = ({ failures }: BatchStory): readonly string[] => {
  const [newest] = failures;
  if (newest === undefined) return [];
  const { failedAt, state, error, message } = newest;
  const times = failures.length === 1 ? '' : `, ${toPlural(failures.length, 'time')} in all`;
  return [`failed  ${failedAt}${times}  in ${state}: ${error}: ${toCauseText(message, WHOLE)}`];
};

/** Where a cause is that is longer than its line. */
const WHOLE = 'the same with --json';

const toParkedLines = ({ parked }: BatchStory): readonly string[] =>
  parked === undefined
    ? []
    : [
        `parked  ${parked.parkedAt}  by ${parked.state}: ${parked.error}: ${toCauseText(parked.message, WHOLE)}`,
      ];
