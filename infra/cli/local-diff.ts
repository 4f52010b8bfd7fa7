import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordStore } from '../../handlers/ports/record-store.ts';
import { openLocalState } from './local-state.ts';
import { openLocalWarehouse, openRunningCloud } from './local-warehouse.ts';
import type { OpenDiff } from './show-diff.ts';

/** Where nothing was run yet: every table is new. */
const NO_RECORDS: RecordStore = {
  read: async () => undefined,
  list: async () => ({ keys: [], folders: [] }),
  putIfAbsent: async () => undefined,
  remove: async () => {},
};
const NOTHING_RUN: Awaited<ReturnType<OpenDiff>> = {
  records: NO_RECORDS,
  warehouse: { execute: async () => [] },
  close: async () => {},
};

/** The local cloud's warehouse and records, running or not. */
export const openLocalDiff: OpenDiff = async (data) => {
  const running = await openRunningCloud(data);
  running?.close();
  if (running === undefined && !existsSync(join(data, 'redshift', 'pg'))) return NOTHING_RUN;
  const state = await openLocalState(data);
  try {
    const warehouse = await openLocalWarehouse(data);
    return {
      records: state.records,
      warehouse: { execute: async (sql) => (await warehouse.query(sql)).rows },
      close: async () => {
        await warehouse.close();
        state.close();
      },
    };
  } catch (error) {
    state.close();
    throw error;
  }
};
