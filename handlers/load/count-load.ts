import { InvalidInput, RecordTooNew } from '../../shared/errors.ts';
import { countBatches } from '../../shared/state/events.ts';
import { readRecordText } from '../../shared/state/record-text.ts';
import { type BatchRecord, batchRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import type { Load } from './load-records.ts';

/**
 * What a load's batches hold together, as its plan noted, or by their records: the ledger would have to be asked. A record that cannot be read counts as
 * nothing: it may be why the load is given up, which must not fail for it.
 */
export const countLoad = async (
  { record }: Load,
  records: RecordStore,
): Promise<ReturnType<typeof countBatches>> => {
  if (record.counts !== undefined) {
    const { records: parsed, staged, rejected } = record.counts;
    return { records: parsed, staged, rejected };
  }
  const texts = await readEach(record.batches, async ({ key }) => ({ key, text: await records.read(key) }));
  return countBatches(texts.flatMap(({ key, text }) => (text === undefined ? [] : parseIfKnown(key, text))));
};

const parseIfKnown = (key: string, text: string): readonly BatchRecord[] => {
  try {
    return [readRecordText(key, text, batchRecord)];
  } catch (error) {
    if (error instanceof InvalidInput || error instanceof RecordTooNew) return [];
    throw error;
  }
};
