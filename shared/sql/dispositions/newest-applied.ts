import { LEDGER } from '../names.ts';
import { quoteLiteral } from '../quote.ts';
import type { Target } from '../target.ts';

/** The newest batch that was ever applied to a target, of any feed, as `a1` beside a load's batches. */
export const joinApplied = ({ n, table }: Target): string =>
  `LEFT JOIN (SELECT observed, batch, ROW_NUMBER() OVER (ORDER BY observed DESC, batch DESC) AS nth FROM ${LEDGER} WHERE target = ${quoteLiteral(table.table)}) a${n} ON a${n}.nth = 1`;

/** The condition that the batch `b` comes after it. */
export const isAfterApplied = ({ n }: Target): string =>
  `(a${n}.observed IS NULL OR b.observed > a${n}.observed OR (b.observed = a${n}.observed AND b.batch > a${n}.batch))`;
