import {
  type BatchTraces,
  findBatchTraces,
  findFeedsOf,
} from '../../../handlers/operate/find-batch-traces.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { UsageError } from '../command-io.ts';
import { firstValue, type VerbArguments } from '../verbs/verb.ts';

/** The batch that a command line names. Windows of several feeds may have one name: then --feed says whose. Throws UsageError. */
export const findBatch = async (args: VerbArguments, records: RecordStore): Promise<BatchTraces> => {
  const [batch = ''] = args.operands;
  const feed = firstValue(args, 'feed') ?? (await findOnly(batch, records));
  const found = await findBatchTraces(feed, batch, records);
  if (found !== undefined) return found;
  throw new UsageError(
    `feed ${feed} has no plan of a batch ${batch}; millrace rejects ${feed} and the ledger, millrace.loads, name its batches`,
  );
};

const findOnly = async (batch: string, records: RecordStore): Promise<string> => {
  const feeds = await findFeedsOf(batch, records);
  const [feed] = feeds;
  if (feed === undefined)
    throw new UsageError(
      `no plan of a batch ${JSON.stringify(batch)} is here; look at its name, and at --data or --env`,
    );
  if (feeds.length === 1) return feed;
  throw new UsageError(
    `${feeds.length} feeds have a batch ${batch}: name one with --feed, of ${feeds.join(' ')}`,
  );
};
