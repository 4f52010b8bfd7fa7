import { MINUTE } from '../../../handlers/attention/support/true-feed.ts';
import { type Held, type Item, isIn, type Rows, type Source, type Window } from './truth.ts';

/** What a request asks a source for. */
export interface Asked {
  /** The rest of the path, behind the feed's name. */
  readonly part: string;
  readonly query: URLSearchParams;
}

/** A kind of feed: its file, what its source answers, and what its target has to hold once the source was read. */
export interface DayKind {
  readonly word: string;
  readonly lands?: true;
  /** Whether each run reads everything: there are no windows. */
  readonly isWhole?: true;
  /** Whether what is sealed waits for the next hour. */
  readonly waits?: true;
  readonly hasNotes?: true;
  /** All that stands behind `feed: <name>`. */
  yaml(name: string, url: string, start: string): string;
  /** The items and tombstones of an answer, all pages of it. */
  answer(source: Source, asked: Asked): { readonly items: readonly Item[]; readonly gone: readonly number[] };
  /** Applies what was read to the rows. */
  take(rows: Rows, source: Held, window: Window): void;
  /** Whether a batch of this window has no row, and replaces nothing. */
  isEmpty(source: Held, window: Window): boolean;
}

const HOURLY = 'schedule: cron(0 * * * ? *)';
const COLUMNS = '{ id: bigint <- @id, modified: timestamptz <- @modified, text: varchar(200) }';
const http = (url: string, params: string): string =>
  `source: { http: { url: "${url}", params: ${params}, next: { url: /list/@next } } }`;
const BETWEEN = '{ from: "${window.from}", to: "${window.to}" }';
const windowOf = (start: string, more = ''): string =>
  `window: { cursor: modified, start: ${start}, format: iso${more} }`;
const table = (name: string, disposition: string, more = '', notes = ''): string => `tables:
  day.${name}:
    rows: /list/item
    disposition: ${disposition}
    key: [id]
    columns: ${COLUMNS}${more}${notes}`;
const notesOf = (name: string): string => `
  day.${name}_notes:
    parent: { id: id }
    rows: note
    columns: { n: { ordinal: true }, note: varchar(80) <- text() }`;

/** Items of the range that a request names. */
const between = ({ items }: Source, { query }: Asked): readonly Item[] => {
  const window = { fromMs: Date.parse(query.get('from') ?? ''), toMs: Date.parse(query.get('to') ?? '') };
  return [...items.values()].filter(({ modifiedMs }) => isIn(window, modifiedMs));
};

const takeNewer: DayKind['take'] = (rows, { items }, window) => {
  for (const item of items.values()) if (isIn(window, item.modifiedMs)) rows.set(String(item.id), item);
};

const hasNoItem: DayKind['isEmpty'] = ({ items }, window) =>
  ![...items.values()].some(({ modifiedMs }) => isIn(window, modifiedMs));

/** Merge, with a child table. */
const tracked: DayKind = {
  word: 'tracked',
  hasNotes: true,
  yaml: (name, url, start) =>
    [http(url, BETWEEN), HOURLY, windowOf(start), table(name, 'merge', '', notesOf(name))].join('\n'),
  answer: (source, asked) => ({ items: between(source, asked), gone: [] }),
  take: takeNewer,
  isEmpty: hasNoItem,
};

/** Merge in four partitions, one of them what is gone. */
const parts: DayKind = {
  word: 'parts',
  yaml: (name, url, start) =>
    [
      http(`${url}/\${partition}`, BETWEEN),
      'partitions: [{ name: p0 }, { name: p1 }, { name: p2 }, { name: gone }]',
      ...[HOURLY, windowOf(start), table(name, 'merge')],
      `deletes: { day.${name}: { rows: /list/gone, match: { id: "@id" }, sequence: "@modified" } }`,
    ].join('\n'),
  answer: (source, asked) => {
    if (asked.part !== 'gone') {
      const items = between(source, asked).filter(({ id }) => `p${id % 3}` === asked.part);
      return { items, gone: [] };
    }
    const gone = [...source.gone].map(([id, modifiedMs]) => ({ id, modifiedMs, text: '', notes: [] }));
    const items = new Map(gone.map((item) => [item.id, item]));
    return { items: [], gone: between({ ...source, items }, asked).map(({ id }) => id) };
  },
  take: (rows, source, window) => {
    takeNewer(rows, source, window);
    for (const [id, atMs] of source.gone) if (isIn(window, atMs)) rows.delete(String(id));
  },
  isEmpty: (source, window) =>
    hasNoItem(source, window) && ![...source.gone.values()].some((atMs) => isIn(window, atMs)),
};

/** All that the source has, each time. */
const snapshot: DayKind = {
  word: 'snapshot',
  isWhole: true,
  yaml: (name, url) => [http(url, '{}'), HOURLY, table(name, 'replace')].join('\n'),
  answer: ({ items }) => ({ items: [...items.values()], gone: [] }),
  take: (rows, { items }) => {
    rows.clear();
    for (const item of items.values()) rows.set(String(item.id), item);
  },
  isEmpty: () => false,
};

const LOOKBACK_MS = 10 * MINUTE;

/** What was there first stays. */
const log: DayKind = {
  word: 'log',
  yaml: (name, url, start) =>
    [http(url, BETWEEN), HOURLY, windowOf(start, ', lookback: 10m'), table(name, 'append')].join('\n'),
  answer: (source, asked) => ({ items: between(source, asked), gone: [] }),
  take: (rows, { items }, window) => {
    for (const item of items.values())
      if (isIn(window, item.modifiedMs) && !rows.has(String(item.id))) rows.set(String(item.id), item);
  },
  isEmpty: (source, { fromMs, toMs }) => hasNoItem(source, { fromMs: fromMs - LOOKBACK_MS, toMs }),
};

/** Each version that was seen. */
const history: DayKind = {
  word: 'history',
  yaml: (name, url, start) =>
    [http(url, BETWEEN), HOURLY, windowOf(start), table(name, 'history')].join('\n'),
  answer: (source, asked) => ({ items: between(source, asked), gone: [] }),
  take: (rows, { items }, window) => {
    for (const item of items.values())
      if (isIn(window, item.modifiedMs)) rows.set(`${item.id} ${item.modifiedMs}`, item);
  },
  isEmpty: hasNoItem,
};

/** Merge, loaded by the hour. */
const waiting: DayKind = {
  ...tracked,
  word: 'waiting',
  waits: true,
  yaml: (...of) => `${tracked.yaml(...of)}\nload: { every: 1h }`,
};

/** Files of what has changed. */
const landed: DayKind = {
  ...tracked,
  word: 'landed',
  lands: true,
  isWhole: true,
  isEmpty: () => false,
  yaml: (name) =>
    [
      'source: { s3: { suffixes: [.xml] } }',
      'alerts: { staleAfter: 3h }',
      table(name, 'merge', '', notesOf(name)),
    ].join('\n'),
};

export const DAY_KINDS: readonly DayKind[] = [tracked, parts, snapshot, log, history, waiting, landed];
