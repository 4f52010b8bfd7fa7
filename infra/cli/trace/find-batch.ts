import { type BatchTraces, findBatchTraces } from '../../../handlers/operate/find-batch-traces.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { findBatchFeed, unknownBatch } from '../batch-feed.ts';
import type { VerbArguments } from '../verbs/verb.ts';

/** The traces of the batch that a command line names. Throws UsageError. */
export const findBatch = async (args: VerbArguments, records: RecordStore): Promise<BatchTraces> => {
  const [batch = ''] = args.operands;
  const found = await findBatchTraces(await findBatchFeed(args, { records }), batch, records);
  if (found === undefined) throw unknownBatch(batch);
  return found;
};
