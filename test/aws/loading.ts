import { expect } from 'vitest';
import type { Row, StatementState } from '../../handlers/ports/warehouse.ts';
import { STAGED_NULL } from '../../shared/csv/staged.ts';
import type { Contract } from '../../shared/model/contract.ts';
import { parseExistingColumn } from '../../shared/sql/existing-columns.ts';
import {
  existingColumnsQuery,
  type Preparation,
  planPreparation,
  prepareStatements,
  targetRulesQuery,
} from '../../shared/sql/prepare-statements.ts';
import { toLine } from '../shared/csv/to-line.ts';
import { stageLoad } from '../shared/sql/support/loading.ts';
import type { ModelBatch } from '../shared/sql/support/model.ts';
import type { StagedFiles } from '../shared/sql/support/session.ts';
import { execute, type Place, putCsv, runBatch } from './place.ts';

/** Loads by the statements as they are, but that a deployment's schema `millrace` is left alone. */

const toOwn = ({ ownSchema }: Place, sql: string): string =>
  sql.replaceAll('"millrace"', `"${ownSchema}"`).replaceAll("'millrace'", `'${ownSchema}'`);

/** Prepares a contract that the warehouse has nothing of. */
export const prepare = async (place: Place, contract: Contract): Promise<void> => {
  for (const sql of prepareStatements(contract)) await execute(place.warehouse, toOwn(place, sql));
};

/** What is still to be prepared, as far as the warehouse's catalog tells. */
export const lookAgain = async (place: Place, contract: Contract): Promise<Preparation> => {
  const ask = (sql: string) => execute(place.warehouse, toOwn(place, sql));
  const columns = (await ask(existingColumnsQuery(contract)))
    .map(parseExistingColumn)
    .map((of) => (of.schema === place.ownSchema ? { ...of, schema: 'millrace' } : of));
  const rules = (await ask(targetRulesQuery(contract))).map(
    ([target, rule]) => [String(target), String(rule)] as const,
  );
  return planPreparation(contract, { columns, rules });
};

/** Puts a load's files, as extraction writes them, without the last `missing` rows of each, and runs its statements, gathered in procedures or not. */
export const load = async (
  place: Place,
  contract: Contract,
  name: string,
  batches: readonly ModelBatch[],
  { missing = 0, isGathered = false }: { readonly missing?: number; readonly isGathered?: boolean } = {},
): Promise<StatementState> => {
  const files: StagedFiles = new Map();
  const url = `s3://${place.bucket}/${place.prefix}`;
  const source = { url, copyRole: place.copyRole };
  const statements = stageLoad(contract, batches, files, name, {}, { source, isGathered });
  for (const [manifest, rows] of files) {
    const lines = rows.slice(0, rows.length - missing).map((row) => toLine(row, STAGED_NULL));
    const put = await putCsv(place, manifest.slice(url.length).replace('.manifest', ''), lines.join(''));
    expect(put).toBe(manifest);
  }
  return runBatch(
    place,
    statements.map((sql) => toOwn(place, sql)),
  );
};

/** Of a feed's batches by table: staged, duplicate, stale, inserted, updated and deleted. */
export const readLedger = ({ warehouse, ownSchema }: Place, feed: string): Promise<readonly Row[]> =>
  execute(
    warehouse,
    `SELECT batch, SPLIT_PART(target, '.', 2), staged, duplicate, stale, inserted, updated, deleted FROM ${ownSchema}.ledger WHERE feed = '${feed}' ORDER BY batch, target`,
  );

/** As a batch's end is told. */
export const FINISHED = { status: 'finished', error: '' };
