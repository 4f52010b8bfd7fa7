/** Reads in flight at once: S3 gives 5,500 a second and prefix, sockets are 50. */
export const READ_AT_ONCE = 32;

/** What `read` gives of each item, in the items' order, so many at a time. Throws the first error, and begins no other read then. */
export const readEach = async <Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
  atOnce = READ_AT_ONCE,
): Promise<readonly Result[]> => {
  const results = new Map<number, Result>();
  const turns = takeTurns(items);
  const work = async (): Promise<void> => {
    // A reader that throws closes the generator, so that the others find nothing more to read.
    for (const [index, item] of turns) results.set(index, await read(item));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
};

function* takeTurns<Item>(items: readonly Item[]): Generator<readonly [index: number, item: Item]> {
  yield* items.entries();
}
