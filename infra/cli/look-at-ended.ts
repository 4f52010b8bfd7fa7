import { marksRows, targetTables } from '../../shared/model/contract.ts';
import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { parseStatementName } from '../../shared/state/load-name.ts';
import { settleTrigger } from '../../shared/state/messages.ts';
import { readRecordText } from '../../shared/state/record-text.ts';
import { loadRecord, parkedRecord, settledRecord } from '../../shared/state/records.ts';
import type { ExecutionRecord } from '../local/local-cloud.ts';
import { feedOf, toFailures } from './failures.ts';
import { withParked } from './parked-failures.ts';
import { type Failure, sumLedger } from './report.ts';
import type { Session } from './session.ts';
import { toChanges } from './show-report.ts';
import { toPlural } from './terminal.ts';
import { readLedger } from './warehouse-state.ts';

/** What has been told already: events and executions come at least once. */
export interface LookedAt {
  /** Keys of parked records. */
  readonly parked: Set<string>;
  /** Keys of loads that are over. */
  readonly loads: Set<string>;
}

type Looking = Pick<Session, 'deployment' | 'failureLog'>;

/** What one execution brought about: a load that is over, or what failed and was parked. `looked` grows by it. */
export const lookAtEnded = async (
  session: Looking,
  execution: ExecutionRecord,
  looked: LookedAt,
): Promise<{ readonly loaded: readonly string[]; readonly failures: readonly Failure[] }> => {
  const loaded = execution.status === 'SUCCEEDED' ? await lookAtLoad(session, execution, looked) : [];
  const hasFailed = execution.status === 'FAILED' || execution.status === 'TIMED_OUT';
  return { loaded, failures: hasFailed ? await lookAtFailure(session, execution, looked) : [] };
};

const lookAtFailure = async (
  { deployment, failureLog }: Looking,
  execution: ExecutionRecord,
  { parked }: LookedAt,
): Promise<readonly Failure[]> => {
  const feed = feedOf(execution.input);
  const keys = feed === '' ? [] : (await deployment.records.list(`parked/${feed}/`)).keys;
  const added = keys.filter((key) => !parked.has(key));
  const records = await Promise.all(
    added.map(async (key) => readRecordText(key, (await deployment.records.read(key)) ?? '', parkedRecord)),
  );
  for (const key of added) parked.add(key);
  return withParked(toFailures([execution], records, failureLog), deployment);
};

/** `feed batch  table 3 inserted, 1 updated; …` of the load that an execution has settled. */
const lookAtLoad = async (
  { deployment }: Looking,
  { input }: ExecutionRecord,
  { loads }: LookedAt,
): Promise<readonly string[]> => {
  const key = loadKeyOf(input);
  const name = key === undefined ? undefined : parseKeyIfOurs(key);
  if (key === undefined || name?.kind !== 'load' || loads.has(key)) return [];
  const settledKey = toKey({ ...name, kind: 'settled' });
  if ((await deployment.records.list(settledKey)).keys.length === 0) return [];
  loads.add(key);
  const settled = readRecordText(
    settledKey,
    (await deployment.records.read(settledKey)) ?? '',
    settledRecord,
  );
  if (settled.outcome !== 'loaded') return [];
  const { feed, batches, contract } = readRecordText(
    key,
    (await deployment.records.read(key)) ?? '',
    loadRecord,
  );
  const [first = '', ...more] = batches.map(({ batch }) => batch);
  const ledger = await readLedger(deployment, feed, [first, ...more]);
  const tables = targetTables(contract).map(
    ({ table }) =>
      `${table} ${toChanges(sumLedger(ledger, table), marksRows(contract, table)) || 'unchanged'}`,
  );
  const others = more.length === 0 ? '' : ` and ${toPlural(more.length, 'more batch')}`;
  return [`${feed} ${first}${others}  loaded: ${tables.join('; ')}`];
};

/** The load of a completion event, by its statement's name. */
const loadKeyOf = (input: string): string | undefined => {
  const statement = settleTrigger.safeParse(JSON.parse(input)).data?.detail.statementName;
  return parseStatementName(statement ?? '')?.thread.loadKey;
};
