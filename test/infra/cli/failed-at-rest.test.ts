import { expect, it } from 'vitest';
import { toDateFolder, toKey, toStamp } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { deploymentOf, NOW, type, type World } from './memory-deployment.ts';

const BATCH = 'w-20260115T070000000Z';
const OF_SOURCE = { state: 'ExtractSlice', error: 'SourceUnavailable', message: 'connect ECONNREFUSED' };
const OF_LOAD = { state: 'Load', error: 'ServiceUnavailable', message: 'the warehouse is paused' };

/** An execution of items failed a minute ago. */
const fail = async ({ records }: World, failure: object, batch: string = BATCH): Promise<void> => {
  const at = NOW - 60_000;
  const key = toKey({ kind: 'failure', feed: 'items', date: toDateFolder(at), stamp: toStamp(at) });
  const of = { feed: 'items', batch, invocation: 'i', failedAt: new Date(at).toISOString() };
  await records.putIfAbsent(key, toRecordText({ ...of, ...failure }));
  if (failure === OF_LOAD)
    await records.putIfAbsent(toKey({ kind: 'pending', feed: 'items', batch }), 'pending');
};

const serve = ({ deployment }: World): void => {
  Object.assign(deployment, { served: { clientFile: 'd/aws.env', bucket: 'state' } });
};

const TOLD = 'failed 1 time since 2026-01-15 07:59Z: SourceUnavailable: connect ECONNREFUSED';

it('status says of what failed on a folder at rest that nothing tries it again, and what does', async () => {
  const world = deploymentOf();
  await fail(world, OF_SOURCE);
  const { status, out } = await type(world, 'status', 'items');
  expect(status).toBe(1);
  expect(out).toMatch(/^items +failed /m);
  expect(out).toContain(
    `items  ${TOLD}; nothing tries it again, since no cloud runs here\n  next: docs/runbook.md, ExtractFailed; see that the source answers; then npx millrace trigger items --data d\n`,
  );
  expect(JSON.parse((await type(world, 'status', 'items', '--json')).out)).toMatchObject({
    ok: false,
    feeds: [{ state: 'failed', next: expect.stringContaining('then npx millrace trigger items --data d') }],
  });
});

it('status names the run that loads what waits on a folder at rest', async () => {
  const world = deploymentOf();
  await fail(world, OF_LOAD);
  expect((await type(world, 'status', 'items')).out).toContain(
    '; nothing tries it again, since no cloud runs here\n  next: docs/runbook.md, LoadFailed; then npx millrace run --feed items --data d --once\n',
  );
});

it.each([
  ['a cloud that serves', serve],
  ['AWS', ({ deployment }: World) => void Object.assign(deployment, { options: ' --env prod' })],
])('status says of %s that it tries again by itself, and when', async (_, place) => {
  const [window, load] = [deploymentOf(), deploymentOf()];
  for (const world of [window, load]) place(world);
  await fail(window, OF_SOURCE);
  await fail(load, OF_LOAD);
  const told = await type(window, 'status', 'items');
  expect(told.out).toMatch(/^items +retrying /m);
  expect(told.out).toContain(`items  ${TOLD}; Millrace tries it again by itself at the next schedule\n`);
  expect(told.out).not.toContain('next: ');
  expect((await type(load, 'status', 'items')).out).toContain(
    'the warehouse is paused; Millrace tries it again by itself with the next sweep, within 15 minutes\n',
  );
});

it('batch names at rest what tries a batch again', async () => {
  const world = deploymentOf();
  const plan = { feed: 'items', batch: BATCH, invocation: 'p', date: '2026/01/15' };
  const { items } = (await world.deployment.readFeeds()) ?? {};
  const record = { ...plan, observed: '2026-01-15T07:00:00.000Z', definition: items, slices: [] };
  await world.records.putIfAbsent(
    toKey({ kind: 'plan', feed: 'items', batch: BATCH, definition: 'ab' }),
    toRecordText(record),
  );
  await fail(world, OF_SOURCE);
  const next =
    'next: docs/runbook.md, ExtractFailed; see that the source answers; then npx millrace trigger items --data d\n';
  expect(await type(world, 'batch', BATCH)).toMatchObject({ status: 0, err: next });
  serve(world);
  expect(await type(world, 'batch', BATCH)).toMatchObject({ status: 0, err: '' });
});

it('trigger that ran what it fired to its end ends with 1 where that failed, and says what is next', async () => {
  const world = deploymentOf(undefined, true);
  world.deployment.events.put = () => fail(world, OF_SOURCE);
  const { status, out } = await type(world, 'trigger', 'items');
  expect([status, out]).toEqual([
    1,
    `triggered items\nfeed items ${TOLD}; nothing tries it again, since no cloud runs here; rows as of none, 0 batches pending\nnext: docs/runbook.md, ExtractFailed; see that the source answers; then npx millrace trigger items --data d\n`,
  ]);
});

it('trigger that another cloud answers ends with 0: what comes of it is to be seen', async () => {
  const world = deploymentOf();
  await fail(world, OF_SOURCE);
  expect(await type(world, 'trigger', 'items')).toMatchObject({ status: 0 });
});
