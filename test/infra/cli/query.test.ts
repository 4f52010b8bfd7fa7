import { expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { queryWarehouse } from '../../../infra/cli/query-warehouse.ts';
import { fakeIo } from './fake-io.ts';

const ask = async (error: Error, ...options: readonly string[]): Promise<unknown> => {
  const args = parseCommandLine(['query', 'selec 1', ...options]);
  if (args.kind !== 'verb') return expect.unreachable();
  const query = () => Promise.reject(error);
  return queryWarehouse(args, fakeIo(), async () => ({ query, close: async () => undefined })).catch(String);
};

it('says of a statement that the warehouse refuses where its tables and its SQL are told', async () => {
  const refused = new Error('ERROR: syntax error at or near "selec"');
  expect(await ask(refused)).toBe(
    'Error: ERROR: syntax error at or near "selec"; mend the statement; npx millrace validate names the tables of feeds, docs/local-sql.md the SQL that the local warehouse takes',
  );
  expect(await ask(refused, '--env', 'default')).toMatch(/"selec"; mend the statement$/);
});

it('says nothing of a statement where something else failed', async () => {
  expect(await ask(new Error('the warehouse is away'))).toBe('Error: the warehouse is away');
});
