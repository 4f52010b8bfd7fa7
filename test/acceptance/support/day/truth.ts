/** What a source holds and what the warehouse has to hold of it, by plain maps. Times are epoch milliseconds, in whole seconds. */

export interface Item {
  readonly id: number;
  readonly modifiedMs: number;
  readonly text: string;
  readonly notes: readonly string[];
}

/** What a source, or a file of it, holds. */
export interface Held {
  readonly items: ReadonlyMap<number, Item>;
  /** When an item went. */
  readonly gone: ReadonlyMap<number, number>;
}

/** A source with a memory of its own. */
export interface Source extends Held {
  /** Adds some items, changes some, and takes one away. */
  change(nowMs: number): void;
  /** Changes one item. */
  touch(id: number, nowMs: number): void;
}

const SECOND = 1000;

/** `random` gives numbers from 0 to below 1. */
export const newSource = (random: () => number): Source => {
  const items = new Map<number, Item>();
  const gone = new Map<number, number>();
  let last = 0;
  let versions = 0;
  const put = (id: number, nowMs: number): void => {
    versions += 1;
    const notes = Array.from({ length: Math.floor(random() * 3) }, (_, n) => `note ${n} of ${versions}`);
    const modifiedMs = Math.floor(nowMs / SECOND) * SECOND;
    items.set(id, { id, modifiedMs, text: `text ${versions} & "more" <b>`, notes });
  };
  const pick = (): number => [...items.keys()][Math.floor(random() * items.size)] ?? 0;
  return {
    ...{ items, gone },
    touch: put,
    change: (nowMs) => {
      for (let count = 2 + Math.floor(random() * 4); count > 0; count -= 1) put(++last, nowMs);
      if (random() < 0.7) put(pick(), nowMs);
      if (random() < 0.4 && items.size > 4) {
        const id = pick();
        items.delete(id);
        gone.set(id, Math.floor(nowMs / SECOND) * SECOND);
      }
    },
  };
};

/** Rows that a target has to hold, by a name of each. */
export type Rows = Map<string, Item>;

/** A half-open range of the cursor. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export const isIn = ({ fromMs, toMs }: Window, ms: number): boolean => ms >= fromMs && ms < toMs;

const toTime = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** As the warehouse tells a root's rows, and its notes' rows, each a text. */
export const toRowTexts = (rows: Rows): readonly string[] =>
  [...rows.values()].map(({ id, modifiedMs, text }) => `${id}|${toTime(modifiedMs)}+00|${text}`).sort();

export const toNoteTexts = (rows: Rows): readonly string[] =>
  [...rows.values()].flatMap(({ id, notes }) => notes.map((note, n) => `${id}|${n + 1}|${note}`)).sort();
