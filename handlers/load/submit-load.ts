import { createHash } from 'node:crypto';
import { loadStatements } from '../../shared/sql/load-statements.ts';
import { toKey } from '../../shared/state/keys.ts';
import { toStatementName } from '../../shared/state/load-name.ts';
import type {
  PrepareWarehouseOutput,
  SubmitLoadInput,
  SubmitLoadOutput,
} from '../../shared/state/messages.ts';
import { type BatchRecord, batchRecord, submissionRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { readEach } from '../read-each.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import { toTraceMark } from '../trace-mark.ts';
import { type FindPreparedDeps, findPrepared } from './find-prepared.ts';
import { type Load, readLoad, readNewestSubmission } from './load-records.ts';

export interface SubmitLoadDeps extends FindPreparedDeps {
  readonly bucket: string;
  readonly copyRole: string;
  /** What the names of this deployment's statements begin with. */
  readonly statementPrefix: string;
  /** This invocation, named in the record. */
  readonly invocation: string;
  /** Whose trace the records keep. @default - nothing is traced */
  readonly tracer?: Pick<Tracer, 'traceId'> | undefined;
}

/** Answered for a load that is over: there is no statement to wait for. */
const NO_STATEMENT = 'settled';

/** Of a swap that was committed, and whose end nobody heard of. */
const NOTHING_LEFT = ['SELECT 1'];

/**
 * Hands one try of a load to the warehouse and notes its statement, or answers that the warehouse is to be prepared first. Everything is worked out from the load's and the
 * batches' records, so that a repeat, also of a lost reply, says the same; its token makes it the same statement, and past
 * the token's 8 hours the ledger makes it a statement without effect.
 */
export const submitLoad = async (
  { thread, prepared: given }: SubmitLoadInput,
  deps: SubmitLoadDeps,
): Promise<SubmitLoadOutput> => {
  const { records, warehouse, clock, invocation, statementPrefix } = deps;
  const load = await readLoad(records, thread.loadKey);
  if (load.settled !== undefined) return { statementId: NO_STATEMENT };
  const newest = await readNewestSubmission(records, load.name);
  if (newest !== undefined && newest.number >= thread.try) return { statementId: newest.statementId };

  const prepared = given ?? (await findPrepared(load.record, deps));
  if (prepared === undefined) return { isUnprepared: true };
  const statements = prepared.isSwapped === true ? NOTHING_LEFT : await buildLoad(load, prepared, deps);
  const name = toStatementName({ prefix: statementPrefix, thread });
  const statementId = await warehouse.submit({ statements, name, token: toToken(name, load) });
  const submitted = await putRecord(
    records,
    toKey({ kind: 'submission', ...load.name, try: thread.try }),
    {
      invocation,
      ...toTraceMark(deps.tracer?.traceId()),
      statementId,
      submittedAt: new Date(clock.now()).toISOString(),
    },
    submissionRecord,
  );
  return { statementId: submitted.statementId };
};

/** At most 64 characters; the record's own invocation tells apart loads of one name in buckets that were emptied. */
const toToken = (statementName: string, { record }: Load): string =>
  createHash('sha256').update(`${statementName}\0${record.invocation}`).digest('hex');

const buildLoad = async (
  load: Load,
  { foreign = {}, locksLedger = false }: PrepareWarehouseOutput,
  { records, bucket, copyRole }: SubmitLoadDeps,
): Promise<readonly string[]> => {
  const batches = await readEach(load.record.batches, ({ key }) =>
    readKnownRecord(records, key, batchRecord),
  );
  return loadStatements({
    feed: load.record.feed,
    load: load.key,
    contract: load.record.contract,
    batches: batches.map(({ batch, seal, observed, tables, rejects }) => ({
      batch,
      seal,
      observed,
      rows: Object.fromEntries(Object.entries(tables).map(([table, { rows }]) => [table, rows])),
      rejected: rejects.rows,
    })),
    manifests: await putManifests(load, batches, records, bucket),
    copyRole,
    foreign,
    locksLedger,
  });
};

/** One manifest a table with rows, the same text whoever writes it. */
const putManifests = async (
  { name, record }: Load,
  batches: readonly BatchRecord[],
  records: RecordStore,
  bucket: string,
): Promise<Readonly<Record<string, string>>> => {
  const put = await readEach(
    record.contract.tables,
    async ({ table }): Promise<readonly [string, string][]> => {
      const parts = batches
        .flatMap(({ tables }) => tables[table]?.parts ?? [])
        .filter(({ rows }) => rows > 0);
      if (parts.length === 0) return [];
      const key = toKey({ kind: 'manifest', ...name, table });
      await records.putIfAbsent(key, toManifest(bucket, parts));
      return [[table, `s3://${bucket}/${key}`]];
    },
  );
  return Object.fromEntries(put.flat());
};

/** https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html: `mandatory` is false unless said. */
const toManifest = (
  bucket: string,
  parts: readonly { readonly key: string; readonly bytes: number }[],
): string =>
  JSON.stringify({
    entries: parts.map(({ key, bytes }) => ({
      url: `s3://${bucket}/${key}`,
      mandatory: true,
      meta: { content_length: bytes },
    })),
  });
