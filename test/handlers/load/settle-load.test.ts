import { describe, expect, it } from 'vitest';
import { describeLoad, MAX_TRIES } from '../../../handlers/load/describe-load.ts';
import type { OpenStaged } from '../../../handlers/ports/staged-reader.ts';
import { ServiceUnavailable, WarehouseRefused } from '../../../shared/errors.ts';
import { batchOfFile, classifyError } from '../../../shared/sql/classify-error.ts';
import { batchName, COPY_ROLE, submitted } from './support/world.ts';

const NAME = 'millrace/work_items/2026/11/23/00001/1';

/** A load whose fast tries have all met a warehouse that is away. */
const inOutage = async () => {
  const { world, thread, statementId } = await submitted(1);
  world.warehouse.end(statementId, 'failed', 'the cluster is unavailable');
  for (let number = 2; number <= MAX_TRIES; number += 1) {
    const next = await world.submit({ ...thread, try: number });
    world.warehouse.end(next.statementId, 'failed', 'the cluster is unavailable');
  }
  return { world, thread };
};

describe('SubmitLoad', () => {
  it('submits the whole load under its name, with a token of at most 64 characters', async () => {
    const { world } = await submitted(1, 2);
    const [batch] = world.warehouse.submitted;
    expect(batch?.name).toBe(NAME);
    expect(batch?.token).toMatch(/^[0-9a-f]{64}$/);
    expect(batch?.statements[0]).toMatch(/^SET statement_timeout/);
    expect(batch?.statements.join('\n')).toContain(`IAM_ROLE '${COPY_ROLE}'`);
  });

  it('puts a manifest of the part files, each of them mandatory, for tables with rows alone', async () => {
    const { world } = await submitted(1, 2);
    const manifests = (await world.records.list('loads/work_items/2026/11/23/00001/')).keys.filter((key) =>
      key.endsWith('.manifest'),
    );
    expect(manifests).toEqual(['loads/work_items/2026/11/23/00001/ewm.work_items.manifest']);
    expect(JSON.parse((await world.records.read(manifests[0] ?? '')) ?? '')).toEqual({
      entries: [1, 2].map((n) => ({
        url: `s3://bucket/staged/work_items/${batchName(n)}/a/ewm.work_items/00000-00000.csv.zst`,
        mandatory: true,
        meta: { content_length: 100 },
      })),
    });
  });

  it('is one statement when it runs twice, or when the reply of the first was lost', async () => {
    const { world, thread, statementId } = await submitted(1);
    expect(await world.submit(thread)).toEqual({ statementId });
    world.entries.delete('loads/work_items/2026/11/23/00001/submitted-00001.json');
    expect(await world.submit(thread)).toEqual({ statementId });
    expect(world.warehouse.submitted).toHaveLength(1);
  });

  it('submits nothing for a settled load, or for a try that another followed', async () => {
    const { world, thread } = await submitted(1);
    const second = await world.submit({ ...thread, try: 2 });
    expect(await world.submit(thread)).toEqual(second);
    await world.mark(thread);
    expect(await world.submit({ ...thread, try: 3 })).toEqual({ statementId: 'settled' });
    expect(world.warehouse.submitted).toHaveLength(2);
  });
});

describe('DescribeLoad', () => {
  it('finds a finished statement’s load', async () => {
    const { world, thread, statementId } = await submitted(1);
    world.warehouse.end(statementId, 'finished');
    expect(await world.describe(statementId, NAME)).toEqual({ outcome: 'finished', thread });
  });

  it('ignores what is not its own, not over, or of a try before', async () => {
    const { world, thread, statementId } = await submitted(1);
    const reason = async (name: string) => {
      const answer = await world.describe(statementId, name);
      return answer.outcome === 'ignored' ? answer.reason : answer.outcome;
    };
    expect(await reason('somebody else’s')).toContain('is not of a load');
    expect(await reason('millrace/work_items/2026/11/23/00009/1')).toContain('exists');
    expect(await reason(NAME)).toBe('the statement is running');
    world.warehouse.end(statementId, 'finished');
    await world.submit({ ...thread, try: 2 });
    expect(await reason(NAME)).toBe('try 1 was followed by try 2');
  });

  it('leads where the first event led when the load is settled: that execution may have died on its way', async () => {
    const loaded = await submitted(1);
    loaded.world.warehouse.end(loaded.statementId, 'finished');
    await loaded.world.mark(loaded.thread);
    expect(await loaded.world.describeLast()).toEqual({ outcome: 'finished', thread: loaded.thread });

    const { world, thread } = await submitted(1);
    await world.park(thread, [batchName(1)], true, { Error: 'LoadDataRefused', Cause: 'line 3' });
    expect(await world.describeLast()).toEqual({
      outcome: 'failed',
      thread,
      culprits: [batchName(1)],
      isDataError: true,
      error: { Error: 'LoadDataRefused', Cause: 'line 3' },
    });
  });

  it.each([
    'ERROR: 1023 DETAIL: Serializable isolation violation on table - 100119',
    'ERROR: deadlock detected',
    'ERROR: could not serialize access due to concurrent update',
    'the warehouse is resuming, try again',
    'S3ServiceException:Please reduce your request rate.,Status 503',
    `S3CurlException: aborted (in s3://bucket/staged/work_items/${batchName(1)}/a/ewm.comments/00000-00000.csv.zst)`,
  ])('tries again after %s', async (message) => {
    const { world, thread, statementId } = await submitted(1);
    world.warehouse.end(statementId, 'failed', message);
    expect(await world.describeLast()).toEqual({
      outcome: 'retry',
      thread: { ...thread, try: 2 },
      waitSeconds: 5,
      message,
    });
  });

  it('tries again after an abort, and when the warehouse has forgotten the statement', async () => {
    const { world, statementId } = await submitted(1);
    world.warehouse.end(statementId, 'aborted');
    expect((await world.describeLast()).outcome).toBe('retry');
    world.warehouse.states.clear();
    expect((await world.describeLast()).outcome).toBe('retry');
  });

  it('waits twice as long before each of its fast tries', async () => {
    const { world, thread, statementId } = await submitted(1);
    const waits: number[] = [];
    let statement = statementId;
    for (let number = 2; number <= MAX_TRIES; number += 1) {
      world.warehouse.end(statement, 'failed', 'the cluster is unavailable');
      const answer = await world.describeLast();
      if (answer.outcome !== 'retry') throw new Error(answer.outcome);
      waits.push(answer.waitSeconds);
      statement = (await world.submit({ ...thread, try: number })).statementId;
    }
    expect(waits).toEqual([5, 10, 20, 40]);
  });

  it('leaves a load to the sweep after the fast tries, parks nothing and submits nothing', async () => {
    const { world, thread } = await inOutage();
    const answer = await world.describeLast();
    expect(answer).toMatchObject({
      outcome: 'failed',
      isDataError: false,
      error: { Error: 'LoadTriesExhausted', Cause: expect.stringContaining('5 tries failed') },
    });
    if (answer.outcome !== 'failed') throw new Error(answer.outcome);
    expect(await world.park(thread, [], false, answer.error)).toMatchObject({
      outcome: 'waiting',
      parked: [],
    });
    expect(await world.pending()).toEqual([batchName(1)]);
  });

  it.each(['failed', 'forgotten'])('makes one try more each time that the sweep asks: %s', async (how) => {
    const { world, thread } = await inOutage();
    for (let number = MAX_TRIES + 1; number <= MAX_TRIES + 3; number += 1) {
      world.clock.advance(15 * 60_000);
      if (how === 'forgotten') world.warehouse.states.clear();
      const next = { ...thread, try: number };
      const swept = await world.describeLast('millrace');
      expect(swept).toMatchObject({ outcome: 'retry', thread: next, waitSeconds: 5 });
      const { statementId } = await world.submit(next);
      world.warehouse.end(statementId, 'failed', 'the cluster is unavailable');
      expect((await world.describeLast()).outcome, 'its own event').toBe('failed');
    }
  });

  it('parks nothing for it, however long it takes', async () => {
    const { world, thread } = await inOutage();
    for (const days of [1, 30]) {
      world.clock.advance(days * 24 * 3_600_000);
      expect((await world.describeLast('millrace')).outcome).toBe('retry');
      const answer = await world.describeLast();
      if (answer.outcome !== 'failed') throw new Error(answer.outcome);
      expect(await world.park(thread, [], false, answer.error)).toMatchObject({
        outcome: 'waiting',
        parked: [],
      });
    }
  });

  it('finds the batch at fault by the file that COPY refused', async () => {
    const { world, statementId } = await submitted(1, 2);
    const file = `s3://bucket/staged/work_items/${batchName(2)}/a/ewm.work_items/00000-00000.csv.zst `;
    world.warehouse.end(
      statementId,
      'failed',
      "Load into table 'millrace$stage_1' failed. Check 'sys_load_error_detail'",
      77,
    );
    const deps = {
      ...world.deps(),
      warehouse: {
        ...world.warehouse,
        execute: async (sql: string) =>
          sql.includes('query_id = 77') ? [[file, 3, 'item_id ', "Invalid digit, Value 'x'y', Pos 0"]] : [],
      },
    };
    const trigger = { source: 'aws.redshift-data', detail: { statementId, statementName: NAME } };
    const answer = await describeLoad({ trigger }, deps);
    expect(answer).toMatchObject({ outcome: 'failed', culprits: [batchName(2)], isDataError: true });
    expect(JSON.stringify(answer)).toContain('line 3 column item_id: Invalid digit, Value ***, Pos 0');
    const told = async (open: OpenStaged) =>
      JSON.stringify(await describeLoad({ trigger }, { ...deps, open }));
    expect(await told(async () => undefined)).toContain('its record is not known: the file is gone');
    const fails: OpenStaged = () => Promise.reject(new ServiceUnavailable('with a value in it'));
    expect(await told(fails)).toContain(
      'its record is not known: ServiceUnavailable while the file was read',
    );
    expect(await told(fails)).not.toContain('with a value');
  });

  it('takes a load apart, and says why, when the warehouse does not show what COPY refused', async () => {
    const { world, statementId } = await submitted(1, 2);
    world.warehouse.end(statementId, 'failed', "Load into table 'millrace$stage_1' failed.", 77);
    const refused = async () => {
      throw new WarehouseRefused('permission denied for relation sys_load_error_detail');
    };
    const deps = { ...world.deps(), warehouse: { ...world.warehouse, execute: refused } };
    const trigger = { source: 'aws.redshift-data', detail: { statementId, statementName: NAME } };
    expect(await describeLoad({ trigger }, deps)).toMatchObject({
      outcome: 'failed',
      culprits: [],
      isDataError: true,
      error: {
        Error: 'LoadDataRefused',
        Cause:
          "Load into table 'millrace$stage_1' failed.; permission denied for relation sys_load_error_detail",
      },
    });
  });

  it('finds the batch at fault in the sentence of a wrong count, and in a missing file’s name', async () => {
    for (const message of [
      `Invalid digit, Value 'b', Pos 0, Type: Long: batch ${batchName(1)} staged 2 rows of ewm.work_items, its record says 3`,
      `S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey staged/work_items/${batchName(1)}/a/x`,
    ]) {
      const { world, statementId } = await submitted(1, 2);
      world.warehouse.end(statementId, 'failed', message);
      expect(await world.describeLast()).toMatchObject({ culprits: [batchName(1)], isDataError: true });
    }
  });

  it('takes a file that is gone for its batch’s fault also where no file is named', async () => {
    const { world, statementId } = await submitted(1, 2);
    world.warehouse.end(
      statementId,
      'failed',
      'S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey',
    );
    expect(await world.describeLast()).toMatchObject({ outcome: 'failed', culprits: [], isDataError: true });
  });

  it('tries an error that nobody knows three times, and takes it then for one of the data', async () => {
    const { world, thread, statementId } = await submitted(1);
    let statement = statementId;
    for (const number of [2, 3]) {
      world.warehouse.end(statement, 'failed', 'ERROR: syntax error at or near "timeout"');
      expect(await world.describeLast()).toMatchObject({ outcome: 'retry', thread: { try: number } });
      statement = (await world.submit({ ...thread, try: number })).statementId;
    }
    world.warehouse.end(statement, 'failed', 'ERROR: syntax error at or near "timeout"');
    expect(await world.describeLast()).toMatchObject({
      outcome: 'failed',
      culprits: [],
      isDataError: true,
      error: { Error: 'LoadRefused' },
    });
  });

  it.each([
    'ERROR: permission denied for relation work_items',
    'ERROR: relation "ewm.work_items" does not exist',
    'ERROR: Not authorized to get credentials of role arn:aws:iam::1:role/copy',
    `S3ServiceException:Access Denied,Status 403,Error AccessDenied staged/work_items/${batchName(1)}/a/x`,
  ])('waits for what a person has to give the warehouse: %s', async (message) => {
    const { world, statementId } = await submitted(1, 2);
    world.warehouse.end(statementId, 'failed', message);
    expect(await world.describeLast()).toMatchObject({ outcome: 'retry' });
  });

  it('finds the batch at fault whatever its name begins with', () => {
    for (const batch of ['w-1', 's-1', 'b-1-2-3', 'f-00']) {
      expect(classifyError(`batch ${batch} staged 2 rows of s.t, its record says 3`)).toEqual({
        kind: 'data',
        batch,
      });
      expect(batchOfFile(`s3://bucket/staged/items/${batch}/a/s.t/00000-00000.csv.zst`)).toBe(batch);
    }
  });
});
