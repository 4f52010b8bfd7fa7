import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { WarehouseRefused } from '../../shared/errors.ts';
import type { Warehouse as Target } from '../config.ts';
import type { Row } from '../ports/warehouse.ts';
import type { QueryRows, QueryWarehouse } from '../ports/warehouse-query.ts';
import { toServiceError } from './aws-errors.ts';
import { keepLongsExact } from './exact-longs.ts';
import { toAddress, toValue, WAIT_SECONDS } from './redshift-data-warehouse.ts';

/** Questions by the Redshift Data API; from then on the client answers long bigints as texts. */
export const redshiftDataQuery = (client: RedshiftDataClient, target: Target): QueryWarehouse => {
  keepLongsExact(client);
  return async (sql, signal) => {
    signal.throwIfAborted();
    try {
      const { Id } = await client.send(new ExecuteStatementCommand({ ...toAddress(target), Sql: sql }));
      const hasRows = await untilDone(client, Id, signal);
      return hasRows ? await readRows(client, Id) : { columns: [], rows: [] };
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof WarehouseRefused ? error : toServiceError('query', error);
    }
  };
};

/** Whether there are rows to be read. */
const untilDone = async (
  client: RedshiftDataClient,
  id: string | undefined,
  signal: AbortSignal,
): Promise<boolean> => {
  for (;;) {
    signal.throwIfAborted();
    const answer = await client.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: WAIT_SECONDS }));
    const { Status: status, Error: message = `the statement was ${status}` } = answer;
    if (status === 'FINISHED') return answer.HasResultSet === true;
    if (status === 'FAILED' || status === 'ABORTED') throw new WarehouseRefused(message);
  }
};

const readRows = async (client: RedshiftDataClient, id: string | undefined): Promise<QueryRows> => {
  const rows: Row[] = [];
  let columns: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new GetStatementResultCommand({ Id: id, NextToken: token }));
    columns = (page.ColumnMetadata ?? []).map(({ name }) => name ?? '');
    for (const record of page.Records ?? []) rows.push(record.map(toValue));
    token = page.NextToken;
  } while (token !== undefined);
  return { columns, rows };
};
