import { describe, expect, it } from 'vitest';
import { SubmissionUnknown } from '../../../shared/errors.ts';
import { batchName, submitted } from './support/world.ts';

/** Two deployments of one account, with the same feed, load and try, and even the same name: each is told of the other's statements. */

const NAME = 'millrace/work_items/2026/11/23/00001/1';

const toTwo = async () => {
  const ours = await submitted(1);
  const theirs = 'statement-of-another-deployment';
  // The role may describe it: deployments can share one.
  ours.world.warehouse.end(theirs, 'finished');
  return { ...ours, theirs };
};

describe('the end of a statement of another deployment', () => {
  it('is left to that one by its name alone', async () => {
    const { world, theirs } = await toTwo();
    expect(await world.describe(theirs, NAME.replace('millrace/', 'millrace-test/'))).toEqual({
      outcome: 'ignored',
      reason: 'statement "millrace-test/work_items/2026/11/23/00001/1" is of another deployment',
    });
  });

  it('settles nothing of a load of the same name that still runs', async () => {
    const { world, theirs, thread, statementId } = await toTwo();
    const answer = await world.describe(theirs, NAME);
    expect(answer).toMatchObject({ outcome: 'ignored' });
    expect(JSON.stringify(answer)).toContain(`is statement ${statementId}, not ${theirs}`);
    world.warehouse.end(statementId, 'finished');
    expect(await world.describe(statementId, NAME)).toEqual({ outcome: 'finished', thread });
  });

  it('parks nothing when theirs failed, and ours is settled or not', async () => {
    const { world, theirs, thread, statementId } = await toTwo();
    world.warehouse.end(theirs, 'failed', `batch ${batchName(1)} staged 2 rows of t, its record says 3`);
    expect(await world.describe(theirs, NAME)).toMatchObject({ outcome: 'ignored' });
    world.warehouse.end(statementId, 'finished');
    await world.mark(thread);
    expect(await world.describe(theirs, NAME)).toMatchObject({ outcome: 'ignored' });
    expect(await world.describe(theirs, NAME.replace(/1$/, '2'))).toMatchObject({ outcome: 'ignored' });
  });

  it('is looked at again while no record names a statement, so that our own is not lost', async () => {
    const { world, theirs, thread, statementId } = await toTwo();
    const key = 'loads/work_items/2026/11/23/00001/submitted-00001.json';
    const record = await world.records.read(key);
    await world.records.remove(key);
    world.warehouse.end(statementId, 'finished');
    for (const id of [theirs, statementId])
      await expect(world.describe(id, NAME)).rejects.toBeInstanceOf(SubmissionUnknown);
    await world.records.putIfAbsent(key, record ?? '');
    expect(await world.describe(statementId, NAME)).toEqual({ outcome: 'finished', thread });
    expect(await world.describe(theirs, NAME)).toMatchObject({ outcome: 'ignored' });
  });
});
