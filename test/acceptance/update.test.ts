import { appendFile, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HOUR, MINUTE } from '../handlers/attention/support/true-feed.ts';
import { expectRows } from './support/day/agree.ts';
import { run } from './support/day/feed.ts';
import { sweepAt } from './support/day/hour.ts';
import { openWorld, type World } from './support/day/world.ts';

/** A new release, with changed feeds, is deployed while one feed is read and the load of another is with the warehouse. */

let world: World;
let inFlight: { readonly extracting: number; readonly loading: readonly string[] };

const markBundles = async (assembly: string): Promise<void> => {
  const files = (await readdir(assembly, { recursive: true })).filter((name) => /index\.cjs$/.test(name));
  for (const name of files)
    await appendFile(join(assembly, name), '\nconsole.log(JSON.stringify({ release: "the next" }));\n');
};

const fire = async ({ cloud }: World, feed: string, atMs: number): Promise<void> => {
  const schedule = cloud.schedules().find(({ input }) => JSON.parse(input).feed === feed);
  await cloud.fireSchedule(schedule?.name ?? '', new Date(atMs));
};

const functionsOfNextRelease = async (): Promise<readonly string[]> => {
  const logs = join(world.data, 'logs');
  const names: string[] = [];
  for (const name of (await readdir(logs, { recursive: true })).filter((one) => !one.endsWith('.sqlite'))) {
    const text = await readFile(join(logs, name), 'utf8').catch(() => '');
    if (text.includes('the next')) names.push(name);
  }
  return names;
};

beforeAll(async () => {
  world = await openWorld({ feeds: 2, seed: 11 });
  const { cloud, feeds, deployment } = world;
  const [tracked, parts] = feeds;
  if (tracked === undefined || parts === undefined) throw new Error('two feeds are needed');
  for (const { source } of feeds) for (let n = 0; n < 4; n += 1) source.change(world.now());
  const next = await world.synthesizeAgain((yaml) =>
    yaml.replaceAll(', text: varchar(200) }', ', text: varchar(300), again: varchar(200) <- text }'),
  );
  await markBundles(next);
  const hour = Math.ceil(world.now() / HOUR) * HOUR;
  world.passTo(hour);
  // The load's end is told to nobody: it stays with the warehouse as far as records say.
  cloud.setFaults({ loseEventsOf: ['aws.redshift-data'] });
  await fire(world, parts.name, hour);
  await cloud.idle();
  const gate = Promise.withResolvers<void>();
  tracked.gate = gate.promise;
  await fire(world, tracked.name, hour);
  await vi.waitFor(() => expect(world.waitingAnswers()).toBeGreaterThan(0), { timeout: 5 * MINUTE });
  inFlight = {
    extracting: cloud.executions().filter(({ status }) => status === 'RUNNING').length,
    loading: (await deployment.records.list('pending/')).keys,
  };
  await cloud.deploy(next);
  cloud.setFaults({});
  gate.resolve();
  await cloud.idle();
  for (const feed of feeds) run(feed, hour, world.now());
  // A load is asked for once it is older than an event may be.
  await sweepAt(world, hour + 15 * MINUTE);
  for (const { source } of feeds) source.change(world.now());
  world.passTo(hour + HOUR);
  for (const feed of feeds) {
    await fire(world, feed.name, hour + HOUR);
    await cloud.idle();
    run(feed, hour + HOUR, world.now());
  }
});
afterAll(() => world.close());

describe('an update in the middle of an extraction and of a load', () => {
  it('was in their middle', () => {
    expect(inFlight).toEqual({ extracting: 1, loading: [expect.stringMatching(/^pending\/parts_2\/w-/)] });
  });

  it('fails nothing, and leaves nothing behind', async () => {
    expect(world.cloud.executions().filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
    for (const prefix of ['pending/', 'parked/', 'failures/'])
      expect((await world.deployment.records.list(prefix)).keys, prefix).toEqual([]);
  });

  it('loses and doubles no row, by the ledger neither', async () => {
    for (const feed of world.feeds) await expectRows(world, feed, 'after the update');
    const { rows } = await world.deployment.query('SELECT batch, target FROM millrace.ledger');
    const loads = rows.map((row) => row.join(' '));
    expect(loads).toHaveLength(new Set(loads).size);
  });

  it('goes on by the new code and the new feeds', async () => {
    expect((await functionsOfNextRelease()).length).toBeGreaterThan(3);
    const { rows } = await world.deployment.query(
      'SELECT count(*) FROM day.tracked_1 WHERE again = text UNION ALL SELECT count(*) FROM day.parts_2 WHERE again = text',
    );
    for (const [count] of rows) expect(Number(count)).toBeGreaterThan(0);
  });

  it('is refused where it would have other rights, and changes nothing', async () => {
    const other = join(world.data, 'other.out');
    await cp(join(world.data, 'next.out'), other, { recursive: true });
    for (const name of (await readdir(other)).filter((one) => one.endsWith('.template.json'))) {
      const text = await readFile(join(other, name), 'utf8');
      await writeFile(join(other, name), text.replaceAll('"s3:PutObject"', '"s3:PutObjectTagging"'));
    }
    const before = world.cloud.schedules();
    await expect(world.cloud.deploy(other)).rejects.toThrow(/has other rights than the one that runs/);
    expect(world.cloud.schedules()).toEqual(before);
  });
});
