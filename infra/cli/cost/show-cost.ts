import { type CommandIo, EXIT, UsageError } from '../command-io.ts';
import { findKnownFeed, findKnownFeeds } from '../known-feed.ts';
import { parseSince } from '../since.ts';
import { openTerminal } from '../terminal.ts';
import { firstValue, type VerbArguments } from '../verbs/verb.ts';
import { collectUse } from './collect-use.ts';
import { type CostReport, tellCost, toDocument } from './cost-report.ts';
import { sumCosts, toFeedCost } from './feed-cost.ts';
import type { CostedDeployment, OpenCosted } from './open-costed.ts';
import { readPrices } from './read-prices.ts';

/** `millrace cost [FEED]`. */
export const showCost = async (args: VerbArguments, io: CommandIo, open: OpenCosted): Promise<number> => {
  const ownRpu = toRpu(firstValue(args, 'rpu'));
  const nowMs = io.now();
  const sinceMs = nowMs - parseSince(firstValue(args, 'since') ?? '7d');
  const prices = await readPrices(firstValue(args, 'prices'), io);
  const deployment = await open(args, io);
  try {
    const named = await toFeeds(args, deployment);
    const capacity = ownRpu === undefined ? await deployment.readCapacity() : { rpu: ownRpu };
    const rpu = 'rpu' in capacity ? capacity.rpu : undefined;
    const progress = openTerminal(io, io.stderr);
    const asked = { ...named, sinceMs, nowMs, rpu };
    const use = await collectUse(
      { ...asked, begin: (feed) => progress.begin(`reading what ran of ${feed}`) },
      deployment,
    );
    progress.clear();
    const feeds = use.feeds.map((one) => toFeedCost(one, nowMs, prices));
    const report: CostReport = {
      ...{ sinceMs, nowMs, capacity, prices, feeds, isLocal: deployment.isLocal },
      all: sumCosts(feeds, prices),
      warehouse: use.warehouse,
      hasOwnPrices: firstValue(args, 'prices') !== undefined,
    };
    io.stdout.write(
      args.flags.has('json')
        ? `${JSON.stringify(toDocument(report), undefined, 2)}\n`
        : tellCost(report, io.stdout.columns),
    );
    return EXIT.done;
  } finally {
    await deployment.close();
  }
};

const toFeeds = async ({ operands: [name] }: VerbArguments, deployment: CostedDeployment) => {
  const feeds = (await findKnownFeeds([], deployment)).map((one) => one.name);
  if (name === undefined) return { feeds, chosen: feeds };
  return { feeds, chosen: [(await findKnownFeed(name, deployment)).name] };
};

const toRpu = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--rpu ${text}: allowed a whole number of RPU, as 8`);
};
