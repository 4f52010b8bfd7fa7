import type { RecordStore } from './ports/record-store.ts';

/** Day folders (`<prefix><yyyy>/<mm>/<dd>/`), the newest first: years, months and days are walked backwards, so that the newest costs three LISTs, whatever the history. */
export async function* newestDays(records: RecordStore, prefix: string, depth = 3): AsyncGenerator<string> {
  if (depth === 0) {
    yield prefix;
    return;
  }
  const { folders } = await records.list(prefix, '/');
  for (const folder of folders.toReversed()) yield* newestDays(records, folder, depth - 1);
}

/** Keys under date folders (`<prefix><yyyy>/<mm>/<dd>/…`), newest day first and each day's from its end: the newest costs four LISTs. */
export async function* newestKeys(records: RecordStore, prefix: string): AsyncGenerator<string> {
  for await (const day of newestDays(records, prefix))
    yield* (await records.list(day, '/')).keys.toReversed();
}
