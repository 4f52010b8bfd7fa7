import { dispositionOf } from './dispositions/registry.ts';
import { BATCHES, LEDGER } from './names.ts';
import type { Family } from './plan-statements.ts';
import { LOADED_AT, quoteLiteral, varcharLiteral } from './quote.ts';
import type { Staged, Target } from './target.ts';

/** The ledger's account of a load, by batch and table. Rows that do not add up fail the transaction. */

const sum = (cases: Readonly<Record<string, string>>, otherwise = '0'): string =>
  `SUM(CASE ${Object.entries(cases)
    .map(([fate, count]) => `WHEN "_fate" = '${fate}' THEN ${count}`)
    .join(' ')} ELSE ${otherwise} END)`;

interface Tally {
  readonly inserted: string;
  readonly updated: string;
  readonly unchanged: string;
  readonly stale: string;
  readonly deleted: string;
}

const ROOT: Tally = {
  inserted: sum({ inserted: '1' }),
  updated: sum({ updated: '1' }),
  unchanged: sum({ unchanged: '1' }),
  stale: sum({ stale: '1' }),
  deleted: sum({ deleted: '1', marked: '1' }),
};

/** Rows of a record that has changed stand in the place of those that it had: as far as there are as many, they are updated. */
const belowTally = ({ n }: Target): Tally => {
  const both = `LEAST(rows_${n}, had_${n})`;
  return {
    inserted: sum({ inserted: `rows_${n}`, updated: `rows_${n} - ${both}` }),
    updated: sum({ updated: both }),
    unchanged: sum({ unchanged: `rows_${n}` }),
    stale: sum({ stale: `staged_${n}`, deleted: '0', marked: '0' }, `staged_${n} - rows_${n}`),
    deleted: sum({ updated: `had_${n} - ${both}`, deleted: `had_${n}` }),
  };
};

/** The staged rows, if each of them has a fate; else the cast of a sentence that says so, which fails. */
const accounted = ({ n, table }: Target): string => {
  const fates = 'COALESCE(p.inserted + p.updated + p.unchanged + p.stale, 0)';
  return (
    `CAST(CASE WHEN b.staged_${n} = ${fates} THEN CAST(b.staged_${n} AS VARCHAR(20)) ELSE 'batch ' || b.batch || ' staged ' || ` +
    `CAST(b.staged_${n} AS VARCHAR(20)) || ' rows of ' || ${quoteLiteral(table.table)} || ', and the load accounts for ' || CAST(${fates} AS VARCHAR(20)) END AS BIGINT)`
  );
};

/** All tombstones are kept; what they delete is counted with its own table. */
const tombstoneRows = (feed: string, load: string, { n, table }: Staged): string =>
  `SELECT ${varcharLiteral(feed)}, b.batch, b.seal, ${varcharLiteral(table.table)}, b.observed, ${varcharLiteral(load)}, b.staged_${n}, 0, 0, b.staged_${n}, 0, 0, 0, ${LOADED_AT}
FROM ${BATCHES} b
WHERE b.is_new`;

const ledgerRows = (feed: string, load: string, family: Family, target: Target): string => {
  const tally = target === family.root ? ROOT : belowTally(target);
  const counts = Object.entries(tally).map(([name, count]) => `${count} AS ${name}`);
  const deleted = dispositionOf(family.root.table).deleted?.(family, target) ?? 'p.deleted';
  return `SELECT ${varcharLiteral(feed)}, b.batch, b.seal, ${varcharLiteral(target.table.table)}, b.observed, ${varcharLiteral(load)}, ${accounted(target)},
  COALESCE(p.unchanged, 0), COALESCE(p.stale, 0), COALESCE(p.inserted, 0), COALESCE(p.updated, 0), COALESCE(${deleted}, 0), ${target.n === 1 ? 'b.rejected' : '0'}, ${LOADED_AT}
FROM ${BATCHES} b
LEFT JOIN (SELECT "_batch", ${counts.join(', ')} FROM ${family.root.plan} GROUP BY "_batch") p ON p."_batch" = b.batch
WHERE b.is_new`;
};

/** One row a new batch and table; a batch's rejects are counted in the row of its first table. */
export const insertLedger = (feed: string, load: string, families: readonly Family[]): string => {
  const rows = families.flatMap((family) => [
    ...[family.root, ...family.children].map((target) => ledgerRows(feed, load, family, target)),
    ...(family.tombstones === undefined ? [] : [tombstoneRows(feed, load, family.tombstones)]),
  ]);
  return `INSERT INTO ${LEDGER} (feed, batch, seal, target, observed, load_key, staged, duplicate, stale, inserted, updated, deleted, rejected, loaded_at)
${rows.join('\nUNION ALL\n')}`;
};
