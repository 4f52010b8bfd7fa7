import { expect, it } from 'vitest';
import { prepareWarehouse } from '../../../handlers/load/prepare-warehouse.ts';
import { submitLoad } from '../../../handlers/load/submit-load.ts';
import type { Row } from '../../../handlers/ports/warehouse.ts';
import {
  OutOfTime,
  ServiceRefused,
  ServiceUnavailable,
  WarehouseRefused,
  WarehouseUnready,
} from '../../../shared/errors.ts';
import { swapContract } from '../../../shared/model/rebuilt.ts';
import { columnsBelowQuery } from '../../../shared/sql/foreign-columns.ts';
import { isolationQuery, ledgerMutexQuery } from '../../../shared/sql/isolation.ts';
import { inLedgerQuery } from '../../../shared/sql/ledger-query.ts';
import { recordedContractQuery } from '../../../shared/sql/prepare-statements.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { workItems } from '../../shared/sql/support/contracts.ts';
import { batchName, FEED, sealed, toWorld } from './support/world.ts';

/** What SubmitLoad makes of what the warehouse answers, before PrepareWarehouse has run. */

const LEDGER = inLedgerQuery(FEED, [batchName(1)]);
const PREPARED: Readonly<Record<string, readonly Row[]>> = {
  [recordedContractQuery(workItems)]: [['hash']],
  [LEDGER]: [[batchName(1), 'seal-1']],
};

/** A load of a second batch, whose questions are answered so; what is not named here has no rows. */
const secondLoad = async (answers: Readonly<Record<string, readonly Row[] | Error>>) => {
  const world = toWorld();
  await world.put(sealed(1));
  await world.loadOnce();
  await world.put(sealed(2));
  const thread = await world.planned();
  const execute = async (sql: string): Promise<readonly Row[]> => {
    const answer = answers[sql] ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const submit = (deps: Partial<Parameters<typeof submitLoad>[1]> = {}) =>
    submitLoad({ thread }, { ...world.deps(), warehouse: { ...world.warehouse, execute }, ...deps });
  return { world, submit };
};

const UNPREPARED = { isUnprepared: true };

it('submits to a warehouse that has recorded the contract and has what was loaded', async () => {
  const { world, submit } = await secondLoad(PREPARED);
  expect(await submit()).toEqual({ statementId: 'statement-2' });
  expect(world.warehouse.submitted).toHaveLength(2);
});

it.each([
  ['has not recorded the contract', { [recordedContractQuery(workItems)]: [] }],
  ['lacks what was loaded', { [LEDGER]: [] }],
  ['has another batch of that name', { [LEDGER]: [[batchName(1), 'another-seal']] }],
  ['has no tables of ours', { [LEDGER]: new WarehouseRefused('relation does not exist') }],
  ['lets nobody in', { [recordedContractQuery(workItems)]: new WarehouseUnready('authentication failed') }],
  ['refuses the call', { [isolationQuery()]: new ServiceRefused('no such user') }],
  ['is away', { [columnsBelowQuery(workItems) ?? '']: new ServiceUnavailable('resuming') }],
  ['is SERIALIZABLE, and has no mutex for that', { [isolationQuery()]: [['dev', 'Serializable']] }],
])('submits nothing to a warehouse that %s, and asks that it be prepared', async (_, answers) => {
  const { world, submit } = await secondLoad({ ...PREPARED, ...answers });
  expect(await submit()).toEqual(UNPREPARED);
  expect(world.warehouse.submitted).toHaveLength(1);
});

it('locks the ledger of a SERIALIZABLE warehouse whose mutex is there', async () => {
  const { world, submit } = await secondLoad({
    ...PREPARED,
    [isolationQuery()]: [['dev', 'Serializable']],
    [ledgerMutexQuery()]: [[0]],
  });
  expect(await submit()).toHaveProperty('statementId');
  expect(world.warehouse.submitted.at(-1)?.statements[1]).toContain('ledger');
});

it('gives up no call of its own for a question: a function whose time is up says so', async () => {
  const { submit } = await secondLoad({ ...PREPARED, [LEDGER]: new OutOfTime('late') });
  const signal = AbortSignal.abort(new OutOfTime('the time is up'));
  await expect(submit({ signal })).rejects.toThrow('the time is up');
});

it('waits no longer than a quarter of a minute for a warehouse that is waking up', async () => {
  const { world, submit } = await secondLoad(PREPARED);
  const execute = (_: string, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const answer = submit({ warehouse: { ...world.warehouse, execute } });
  await expect.poll(() => world.clock.slept).toEqual([15_000]);
  world.clock.advance(15_000);
  expect(await answer).toEqual(UNPREPARED);
});

it('has a swap prepared each time, and the user let in for it where the first question fails', async () => {
  const world = toWorld();
  await world.put(sealed(1));
  const thread = await world.planned();
  const record = JSON.parse(world.entries.get(thread.loadKey) ?? '');
  const swap = { ...record, contract: swapContract(workItems, '0a1b2c3d4e5f') };
  world.entries.set(thread.loadKey, toRecordText(swap));
  expect(await submitLoad({ thread }, world.deps())).toEqual(UNPREPARED);
  let admitted = 0;
  const execute = async (sql: string, signal: AbortSignal): Promise<readonly Row[]> => {
    if (admitted === 0) throw new WarehouseUnready('FATAL: password authentication failed');
    return world.warehouse.execute(sql, signal);
  };
  const admit = async () => {
    admitted += 1;
  };
  const warehouse = { ...world.warehouse, execute };
  const prepared = await prepareWarehouse({ thread }, { ...world.deps(), warehouse, admit });
  expect(admitted).toBe(1);
  expect(prepared.statements).toBeGreaterThan(0);
});
