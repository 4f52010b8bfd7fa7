/** How the cursors of a document stand to each other: what a source that gives the newest first is held to. */
export interface CursorOrder {
  /** In canonical text, which sorts as times do. */
  first: string | undefined;
  last: string | undefined;
  /** The first cursor that is later than the one before it, with that one. */
  rise: readonly [before: string, later: string] | undefined;
  /** How many lie before the bounds. */
  older: number;
}

export const newCursorOrder = (): CursorOrder => ({
  first: undefined,
  last: undefined,
  rise: undefined,
  older: 0,
});

/** Adds the next record's cursor, and whether it lies before the bounds. */
export const noteCursor = (order: CursorOrder, cursor: string, isOlder: boolean): void => {
  if (isOlder) order.older += 1;
  if (order.last !== undefined && cursor > order.last) order.rise ??= [order.last, cursor];
  order.first ??= cursor;
  order.last = cursor;
};
