import type { TableContract } from '../../model/contract.ts';
import type { Feed } from '../../model/feed.ts';
import { parseDuration } from '../../model/units.ts';
import { dispositionOf } from '../../sql/dispositions/registry.ts';
import { compileTimeFormat } from '../../values/time-format.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { Check } from './check.ts';

/** The window, and what tables must be like for it. */

const checkCursor = (cursor: string, first: TableContract, check: Check): void => {
  const column = first.columns.find(({ name }) => name === cursor);
  const at = ['window', 'cursor'];
  if (column === undefined) {
    check.refuse(
      at,
      `got '${cursor}', allowed a column of ${first.table}: ${first.columns.map(({ name }) => name).join(' ')}`,
    );
  } else if (!['date', 'timestamp', 'timestamptz'].includes(column.type.kind)) {
    check.refuse(at, `got '${cursor}' of type ${column.type.kind}, allowed date, timestamp or timestamptz`);
  }
};

const checkDispositions = (tables: readonly TableContract[], lookbackMs: number, check: Check): void => {
  for (const { table, disposition, key, parent } of tables) {
    if (parent !== undefined) continue;
    const { isWhole, isRepeatable } = dispositionOf({ disposition });
    if (isWhole) {
      check.refuse(
        ['tables', table, 'disposition'],
        `${disposition}: allowed without a window only, since a window is not the whole`,
      );
    }
    if (!isRepeatable && lookbackMs > 0 && key.length === 0) {
      check.refuse(
        ['tables', table],
        `has no key: ${disposition} with window.lookback reads rows again and inserts new keys only`,
        'key',
      );
    }
  }
};

/** Where nothing is asked for by time, the pages have to end by themselves. */
const checkStop = ({ window, source }: FeedDocument, check: Check): void => {
  if (window?.stopWhenOlder !== true || source.http?.next !== undefined) return;
  check.refuse(
    ['window', 'stopWhenOlder'],
    'got true, allowed with source.http.next only: one page has nothing to stop before',
  );
};

/** The resolved window; undefined where there is none. */
export const resolveWindow = (
  doc: FeedDocument,
  tables: readonly TableContract[],
  check: Check,
): Feed['window'] => {
  const { window } = doc;
  if (window === undefined) return undefined;
  const format = window.format ?? 'iso';
  const compiled = check.attempt(['window', 'format'], () => compileTimeFormat(format));
  const stepMs = window.step === undefined ? undefined : parseDuration(window.step);
  if (compiled !== undefined && stepMs !== undefined && stepMs < compiled.unitMs) {
    check.refuse(
      ['window', 'step'],
      `got ${window.step}, allowed at least ${compiled.unitMs / 1000}s, the unit of the format ${format}`,
    );
  }
  const lookbackMs = parseDuration(window.lookback ?? '0s');
  const [first] = tables;
  if (first !== undefined) checkCursor(window.cursor, first, check);
  checkDispositions(tables, lookbackMs, check);
  checkStop(doc, check);
  return {
    cursor: window.cursor,
    startMs: Date.parse(window.start),
    ...(stepMs === undefined ? {} : { stepMs }),
    lookbackMs,
    delayMs: parseDuration(window.delay ?? '0s'),
    format,
    ...(window.until === undefined ? {} : { until: window.until }),
    ...(window.stopWhenOlder === true ? { stopWhenOlder: true as const } : {}),
  };
};
