import type { Feed } from '../../shared/model/feed.ts';
import { batchRecord } from '../../shared/state/records.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';
import { itemsByDay } from './dated-records.ts';
import type { LookDeps } from './operate-deps.ts';

/** Batches that are looked at, the newest. */
const LOOKED_AT = 20;

/** Days that are looked at for them. */
const MOST_DAYS = 60;

/**
 * How long the source is asked, in milliseconds, as the feed's own newest batches were read: by how much of the cursor each held, or, where
 * one has all, by one. Undefined where nothing was read yet, and of landed files, which are read side by side.
 */
export const estimateRead = async (
  { feed, source, window }: Feed,
  spanMs: number,
  deps: LookDeps,
): Promise<number | undefined> => {
  if (source.kind === 's3') return undefined;
  const newest: { readonly key: string; readonly lastModifiedMs: number }[] = [];
  let days = 0;
  for await (const items of itemsByDay(deps, `batches/${feed}/`)) {
    newest.push(...items.filter(({ key }) => /\/[ws]-[^/]*$/.test(key)).toReversed());
    days += 1;
    if (newest.length >= LOOKED_AT || days === MOST_DAYS) break;
  }
  const took = await readEach(newest.slice(0, LOOKED_AT), async ({ key, lastModifiedMs }) => {
    const record = await readRecord(deps.records, key, batchRecord);
    if (record === undefined) return { ms: 0, span: 0 };
    const ms = Math.max(0, lastModifiedMs - Date.parse(record.observed));
    const { from, to } = record.window ?? {};
    return { ms, span: from === undefined || to === undefined ? 0 : Date.parse(to) - Date.parse(from) };
  });
  if (took.length === 0) return undefined;
  const [ms, span] = [took.reduce((sum, of) => sum + of.ms, 0), took.reduce((sum, of) => sum + of.span, 0)];
  if (window === undefined) return ms / took.length;
  return span === 0 ? undefined : (ms / span) * spanMs;
};
