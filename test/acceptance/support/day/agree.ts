import { expect } from 'vitest';
import { parseCommandLine } from '../../../../infra/cli/arguments.ts';
import { examine } from './examine.ts';
import type { DayFeed } from './feed.ts';
import { readStatus, type StatusOfFeed } from './hour.ts';
import { toNoteTexts, toRowTexts } from './truth.ts';
import { SAYS_PAUSED } from './weathers.ts';
import type { Message, World } from './world.ts';

/** What Millrace says, held against what is so. */

/** The message of each state of a feed that stands: entered, and not said to be over. */
export const standing = (
  messages: readonly Message[],
  feed: string,
): ReadonlyMap<string, Message['detail']> => {
  const found = new Map<string, Message['detail']>();
  for (const { isOver, detail } of messages.filter((one) => one.detail.feed === feed)) {
    if (isOver) found.delete(detail.need);
    else found.set(detail.need, detail);
  }
  return found;
};

/** Each command that a text names, without the options of the deployment, which it has to have. */
export const commandsIn = (text: string, { options }: World): readonly string[] =>
  text.split(/; (?:then )?/).flatMap((part) => {
    const [command] = /npx millrace .*$/.exec(part) ?? [];
    if (command === undefined) return [];
    expect(command.slice(command.length - options.length)).toBe(options);
    return [command.slice(0, command.length - options.length)];
  });

const readRows = async (
  { deployment }: World,
  table: string,
  columns: string,
): Promise<readonly string[]> => {
  const { rows } = await deployment.query(`SELECT ${columns} FROM day.${table}`);
  return rows.map((row) => row.join('|')).sort();
};

/** The rows of a feed's target are those of the truth, each once. */
export const expectRows = async (
  world: World,
  { name, kind, loaded }: DayFeed,
  why: string,
): Promise<void> => {
  // A target is there from its first load on.
  if (loaded.size === 0) return;
  const found = await readRows(world, name, 'id, modified, text');
  expect({ feed: name, why, rows: found }).toEqual({ feed: name, why, rows: toRowTexts(loaded) });
  if (kind.hasNotes !== true) return;
  const notes = await readRows(world, `${name}_notes`, 'id, n, note');
  expect({ feed: name, why, notes }).toEqual({ feed: name, why, notes: toNoteTexts(loaded) });
};

const expectMessages = (feed: DayFeed, status: StatusOfFeed, { messages, env }: World): void => {
  const told = standing(messages, feed.name);
  // A load that this sweep began again ends behind its judgement: that it is over is told by the next one.
  const isLate = (need: string): boolean => feed.truth.over.includes(need) && !feed.truth.told.has(need);
  const stands = [...told.keys()].filter((need) => !isLate(need)).sort();
  expect({ feed: feed.name, stands }).toEqual({ feed: feed.name, stands: [...feed.truth.told].sort() });
  for (const { need, batch, cause, command } of status.needs) {
    const message = told.get(need);
    if (message === undefined) continue;
    expect(parseCommandLine(message.command.split(' ').slice(2)).kind, message.command).toBe('verb');
    expect(message.lines.what).toContain(`feed ${feed.name} `);
    expect(message.lines.next).toContain(`${message.command} --env ${env};`);
    expect(message.cause.length).toBeGreaterThan(10);
    // The cause of the newest failure is another's place by then, and of the same error.
    if (message.batch !== batch) continue;
    // The loads of a feed may wait for a pause, and for a cause of its own behind it or before it: one message is sent of both.
    if (message.cause.includes(SAYS_PAUSED) !== cause.includes(SAYS_PAUSED)) continue;
    // More may be parked since the message was sent: then status names the command for all, and the message that of its batch.
    expect([command, `${command} ${batch}`]).toContain(message.command);
    expect(cause.split(':')[0]).toEqual(message.cause.split(':')[0]);
  }
};

const expectFeed = async (
  world: World,
  feed: DayFeed,
  status: StatusOfFeed | undefined,
  why: string,
): Promise<void> => {
  const { name, truth, extracts } = feed;
  const loads = feed.away ?? feed.loads;
  const nowMs = world.now();
  if (status === undefined) throw new Error(`no status of ${name}`);
  const { state, needs, parked, pending, loading, failing, next } = status;
  const told = { name, why, state, needs: needs.map(({ need }) => need), parked: parked.count };
  expect({ ...told, waiting: pending + (loading?.batches ?? 0), hasNext: next !== undefined }).toEqual({
    ...{ name, why, state: truth.state(nowMs), needs: truth.needs(nowMs), parked: truth.parked.size },
    waiting: truth.pending.size,
    hasNext: truth.needs(nowMs).length > 0 || truth.isPaused,
  });
  const errorOf: Readonly<Record<string, string | undefined>> = {
    parked: (extracts ?? feed.loads)?.error,
    failing: extracts?.error,
    'not-loading': loads?.error,
  };
  for (const { need, error, cause } of needs)
    expect({ name, why, need, told: `${error}: ${cause}` }).toMatchObject({
      told: expect.stringContaining(errorOf[need] ?? ''),
    });
  // Why its loads wait is said at once.
  if (feed.away !== undefined && truth.openFailures().some(({ batch }) => truth.pending.has(batch)))
    expect(`${failing?.error}: ${failing?.message}`).toContain(feed.away.error);
  expectMessages(feed, status, world);
  // A warehouse that is paused tells no rows.
  if (feed.away === undefined) await expectRows(world, feed, why);
};

/** `status` of each feed, its messages and its rows are as the truth has them. */
export const expectAgreement = async (world: World, why: string): Promise<void> => {
  const statuses = await readStatus(world);
  expect([...statuses.keys()].sort()).toEqual(world.feeds.map(({ name }) => name).sort());
  for (const feed of world.feeds)
    await world.costs.of('compared', () =>
      examine(world, feed, why, () => expectFeed(world, feed, statuses.get(feed.name), why)),
    );
};
