import { randomUUID } from 'node:crypto';
import type { BusEvent } from '../ipc.ts';
import { type Outcome, queryIdOf, type Statement } from './statement.ts';
import { RESULT_MS } from './statement-store.ts';

/** Where the events of a warehouse come from. */
export interface EventOrigin {
  readonly account: string;
  readonly region: string;
  /** Of the workgroup or cluster. */
  readonly arn: string;
}

/**
 * The event of a request that ended (docs.aws.amazon.com/redshift/latest/mgmt/data-api-monitoring-events.html). It says no
 * error: whoever wants it describes the statement.
 */
export const toCompletionEvent = (
  statement: Statement,
  outcome: Outcome,
  origin: EventOrigin,
  nowMs: number,
): BusEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Redshift Data Statement Status Change',
  source: 'aws.redshift-data',
  account: origin.account,
  time: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
  region: origin.region,
  resources: [origin.arn],
  detail: {
    principal: `arn:aws:sts::${origin.account}:assumed-role/local/local`,
    statementName: statement.name ?? '',
    statementId: statement.id,
    redshiftQueryId: queryIdOf(statement, statement.sqls.length),
    state: outcome.status,
    rows: Math.max(0, outcome.parts.at(-1)?.rows ?? 0),
    expireAt: Math.floor((nowMs + RESULT_MS) / 1000),
  },
});
