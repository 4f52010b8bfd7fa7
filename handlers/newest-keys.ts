import type { RecordStore } from './ports/record-store.ts';

/**
 * Keys under date folders (`<prefix><yyyy>/<mm>/<dd>/…`), newest day first and each day's from its end: years, months and
 * days are walked backwards, so that the newest costs four LISTs, whatever the history.
 */
export async function* newestKeys(records: RecordStore, prefix: string, depth = 3): AsyncGenerator<string> {
  const { keys, folders } = await records.list(prefix, '/');
  if (depth === 0) yield* keys.toReversed();
  else for (const folder of folders.toReversed()) yield* newestKeys(records, folder, depth - 1);
}
