import { listAsked, readEnded } from '../../handlers/operate/asked-range.ts';
import { type Cancelled, cancelBackfill } from '../../handlers/operate/cancel-backfill.ts';
import { toAskingCommand } from '../../shared/attention/asking.ts';
import { unlessDone } from './change.ts';
import type { OpenToMark } from './change-feed.ts';
import { AlreadyDone, type CommandIo, EXIT, UsageError } from './command-io.ts';
import type { Markable } from './deployment/deployment.ts';
import { findKnownFeed } from './known-feed.ts';
import { newInvocation } from './new-invocation.ts';
import { toPlural } from './terminal.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** `millrace backfill FEED --cancel REQUEST`: gives a range up that is under way. */
export const cancel = async (args: VerbArguments, io: CommandIo, open: OpenToMark): Promise<number> => {
  refuseOthers(args);
  const [name = ''] = args.operands;
  const request = firstValue(args, 'cancel') ?? '';
  return unlessDone(io, async () => {
    const deployment = await open(args, io);
    try {
      const { name: feed, feed: definition } = await findKnownFeed(name, deployment);
      await checkRequest(feed, request, deployment);
      const cancelled = await cancelBackfill(feed, request, { ...deployment, invocation: newInvocation() });
      if (cancelled === undefined) throw await toEnded(feed, request, deployment);
      const isLanded = definition?.source.kind === 's3';
      for (const line of toLines(feed, cancelled, isLanded, deployment)) io.stdout.write(`${line}\n`);
      return EXIT.done;
    } finally {
      await deployment.close();
    }
  });
};

const refuseOthers = ({ values, flags }: VerbArguments): void => {
  const others = ['from', 'to', 'partition'].filter((option) => values.has(option));
  const [first] = [...others, ...(flags.has('again') ? ['again'] : [])];
  if (first !== undefined)
    throw new UsageError(`--cancel REQUEST already names the range: remove --${first}`);
};

const checkRequest = async (feed: string, request: string, deployment: Markable): Promise<void> => {
  const open = await listAsked(feed, deployment.records);
  if (open.some((one) => one.request === request)) return;
  if ((await readEnded(feed, request, deployment.records)) !== undefined)
    throw await toEnded(feed, request, deployment);
  const known = open.map((one) => `${one.request} (${one.from} to ${one.to})`);
  const allowed = known.length === 0 ? 'no range of it is' : `allowed ${known.join(', ')}`;
  throw new UsageError(
    `feed ${feed} has no range ${JSON.stringify(request)} under way, ${allowed}; npx millrace status ${feed}${deployment.options} shows the feed`,
  );
};

/** Of a range that is over: another command, or the reading itself, has done it. */
const toEnded = async (feed: string, request: string, { records }: Markable): Promise<AlreadyDone> => {
  const cancelledAt = (await readEnded(feed, request, records))?.cancelledAt;
  const what = cancelledAt === undefined ? 'is read to its end' : `was cancelled at ${cancelledAt}`;
  return new AlreadyDone(`range ${request} of feed ${feed} ${what}; nothing is left to do`);
};

const toLines = (
  feed: string,
  { asking, sealedTo, unparked }: Cancelled,
  isLanded: boolean,
  { options }: Markable,
): readonly string[] => {
  const { from, to, partition } = asking;
  const range = `${from} to ${to}${partition === undefined ? '' : `, partition ${partition}`}`;
  const stays = isLanded
    ? 'files of it that were read stay loaded'
    : sealedTo === from
      ? 'nothing of it is sealed'
      : `what is sealed, up to ${sealedTo}, stays loaded`;
  const waited =
    unparked.length === 0
      ? ''
      : `; ${toPlural(unparked.length, 'parked batch')} of it ${unparked.length === 1 ? 'waits' : 'wait'} for nobody any more`;
  return [
    `cancelled ${feed} from ${range}: ${stays}, and the rest is not read${waited}`,
    `to have the rest after all: ${toAskingCommand(feed, asking)}${options}`,
  ];
};
