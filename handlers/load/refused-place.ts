import { unpackStaged } from '../../shared/csv/read-csv.ts';
import { rowAtLine } from '../../shared/csv/row-at-line.ts';
import { STAGED_NULL, stagedColumns } from '../../shared/csv/staged.ts';
import { parseRow, type RowPlace } from '../../shared/model/row-number.ts';
import { parseKeyIfOurs, type StagedName, type StepName, toKey } from '../../shared/state/keys.ts';
import { batchRecord, type LoadRecord, type StepRecord, stepRecord } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { OpenStaged } from '../ports/staged-reader.ts';
import { readRecord } from '../records.ts';
import { withTimeLimit } from '../time-limit.ts';

/** Where in the XML the row came from that COPY refused at a line of a part file. */

/** CSV of one part file that is looked through: some 200 MB a second, and a file has 256 MiB compressed at most. */
const MAX_LOOKED_THROUGH = 2 ** 30;

/** Of the function's 60 s, for each of at most three rows. */
const TIME_LIMIT_MS = 12_000;

export interface PlaceDeps {
  readonly records: RecordStore;
  readonly load: LoadRecord;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly open: OpenStaged;
}

export interface RefusedLine {
  /** `s3://…` of the part file. */
  readonly file: string;
  /** COPY does not say whether it counts line feeds within quotes; here they are counted, and it is told where that matters. */
  readonly line: number;
}

/** Tells the place; or that it is not known, and why: whatever goes wrong here, the load's own error is told. */
export const tellPlace = async (refused: RefusedLine, deps: PlaceDeps): Promise<string> => {
  try {
    return await withTimeLimit(
      { clock: deps.clock, atMs: deps.clock.now() + TIME_LIMIT_MS, outer: deps.signal },
      (signal) => findPlace(refused, { ...deps, signal }),
    );
  } catch (error) {
    // Its message may quote what the file has.
    return `its record is not known: ${error instanceof Error ? error.name : 'an error'} while the file was read`;
  }
};

const findPlace = async ({ file, line }: RefusedLine, deps: PlaceDeps): Promise<string> => {
  const key = file.replace(/^s3:\/\/[^/]+\//, '');
  const name = parseKeyIfOurs(key);
  const unknown = (why: string): string => `its record is not known: ${why}`;
  if (name?.kind !== 'staged') return unknown('the file is no part file');
  const columns = deps.load.contract.tables.find(({ table }) => table === name.table);
  if (columns === undefined) return unknown(`the contract has no table ${name.table}`);
  const bytes = await deps.open(key, deps.signal);
  if (bytes === undefined) return unknown('the file is gone');
  const limits = { nullText: STAGED_NULL, atMost: MAX_LOOKED_THROUGH };
  const found = await rowAtLine(unpackStaged(abortable(bytes, deps.signal)), line, limits);
  if (found === undefined) return unknown(`no line ${line} in the first ${MAX_LOOKED_THROUGH} bytes of CSV`);
  const row = Number(found.values[stagedColumns(columns).indexOf('_row')] ?? Number.NaN);
  if (!Number.isSafeInteger(row)) return unknown('the row has no _row');
  const at = parseRow(row);
  const counted = found.hasLines ? ', where lines are counted by line feeds, also those of values' : '';
  return `it is _row ${row}${counted}: row ${at.n} of ${name.table}, counted from ${await tellStart(key, name, at, deps)}`;
};

async function* abortable(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    yield chunk;
  }
}

/** Where the step began whose rows are counted: of a landed object its version, else the page that the step before led to. */
const tellStart = async (
  key: string,
  { feed, batch, table }: StagedName,
  { slice, step }: RowPlace,
  { load, records }: PlaceDeps,
): Promise<string> => {
  const sealKey = load.batches.find((one) => one.batch === batch)?.key;
  const sealed = sealKey === undefined ? undefined : await readRecord(records, sealKey, batchRecord);
  const start = `the start of step ${step} of slice ${slice}`;
  const found = await findStep({ feed, batch, slice, step }, table, key, records);
  if (sealed?.object !== undefined) {
    const { bucket, key: landed, versionId } = sealed.object;
    const from = found?.record.range?.start ?? 0;
    return `${from === 0 ? 'the start' : `byte ${from}`} of s3://${bucket}/${landed} version ${versionId}`;
  }
  if (found === undefined) return start;
  const { pages } = found.record;
  const read = `${start}, which read ${pages} ${pages === 1 ? 'page' : 'pages'}`;
  const before =
    step === 0
      ? undefined
      : await readRecord(records, toKey({ kind: 'step', ...found.name, step: step - 1 }), stepRecord);
  const page = before?.continuation;
  if (page === undefined || page === null || page.page === 0)
    return `${read} from the first page of ${sealed?.window === undefined ? 'its partition' : `its part of ${sealed.window.from} to ${sealed.window.to}`}`;
  return `${read} from ${page.url} page ${page.page}`;
};

/** The step that names a part file: those of other plans and restarts have the same numbers. */
const findStep = async (
  { feed, batch, slice, step }: Omit<StepName, 'definition' | 'restart'>,
  table: string,
  partKey: string,
  records: RecordStore,
): Promise<{ readonly name: StepName; readonly record: StepRecord } | undefined> => {
  for (const key of (await records.list(`slices/${feed}/${batch}/`)).keys) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'step' || name.slice !== slice || name.step !== step) continue;
    const record = await readRecord(records, key, stepRecord);
    if (record?.tables[table]?.parts.some((part) => part.key === partKey) === true) return { name, record };
  }
  return undefined;
};
