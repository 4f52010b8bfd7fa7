import { ListStatementsCommand, type RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { StatementTimes } from '../wake-ups.ts';

/** The statements that were asked for since a time, in epoch milliseconds, the newest first: so they come. */
export const listStatements = async (
  client: RedshiftDataClient,
  sinceMs: number,
): Promise<readonly StatementTimes[]> => {
  const statements: StatementTimes[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new ListStatementsCommand({ Status: 'ALL', NextToken: token }));
    for (const { StatementName, CreatedAt, UpdatedAt } of page.Statements ?? []) {
      const createdMs = CreatedAt?.getTime() ?? 0;
      if (createdMs < sinceMs) return statements;
      statements.push({ name: StatementName, createdMs, updatedMs: UpdatedAt?.getTime() ?? createdMs });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return statements;
};
