import { parseKeyIfOurs } from '../shared/state/keys.ts';
import type { RecordStore } from './ports/record-store.ts';

/** The batches of a feed that a person leaves for good. */
export const readSkipped = async (feed: string, records: RecordStore): Promise<ReadonlySet<string>> => {
  const { keys } = await records.list(`skipped/${feed}/`);
  return new Set(
    keys.flatMap((key) => {
      const name = parseKeyIfOurs(key);
      return name?.kind === 'skipped' ? [name.batch] : [];
    }),
  );
};
