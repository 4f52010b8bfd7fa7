import { insertRoot, updateMet } from '../apply-statements.ts';
import { BATCHES, heldName, spansName } from '../names.ts';
import { type Family, narrowTarget } from '../plan-statements.ts';
import { LOADED_AT, quoteIdentifier } from '../quote.ts';
import { columnOf, keyExpression, type Target } from '../target.ts';
import type { Disposition } from './disposition.ts';
import { keepOne } from './merge.ts';

/**
 * Every version of a key stays, in whatever order versions come (SCD type 2): one is a key and a value of its cursor, and holds until the
 * next one's.
 */
export const history: Disposition = {
  needsKey: true,
  isWhole: false,
  isRepeatable: true,
  keepsVersions: true,
  whyNoDeletes: 'whose versions all stay',
  isMet: () => true,
  meet: (family) => [gatherHeld(family)],
  createPlan: ({ root }) => keepOne(byVersion(root), 'DESC', heldName(root.n)),
  change: ({ root }) => [createSpans(root), changeSpans(root), updateMet(byVersion(root))],
  insert: (family) =>
    insertRoot(family, {
      values: { _valid_from: 'v.valid_from', _valid_to: 'v.valid_to', _is_current: '(v.valid_to IS NULL)' },
      join: `JOIN ${spansName(family.root.n)} v ON v."_batch" = s."_batch" AND v."_row" = s."_row"`,
    }),
};

const cursorOf = ({ table }: Target): string => table.sequence[0] ?? '';

/** The table as one whose key tells versions apart: what meets a row of the target is the same version. */
const byVersion = (root: Target): Family => {
  const key = [...root.table.key, cursorOf(root)];
  return {
    root: { ...root, table: { ...root.table, key }, rootKey: key.map((name) => ({ own: name, root: name })) },
    children: [],
  };
};

/** The one look at the target: all versions of the staged keys. */
const gatherHeld = (family: Family): string => {
  const { root } = family;
  const { n, stage, table } = root;
  const keys = table.key.map((name, at) => `${keyExpression(root, 's', name)} AS key_${at + 1}`);
  const same = table.key.map((name, at) => `k.key_${at + 1} = ${keyExpression(root, 't', name)}`);
  return `CREATE TEMP TABLE ${heldName(n)} AS
SELECT t.*
FROM ${narrowTarget(family, 'staged', ['_valid_to'])} t
JOIN (SELECT DISTINCT ${keys.join(', ')} FROM ${stage} s JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.is_new) k ON ${same.join(' AND ')}`;
};

/** A cursor as an instant; one without a zone is UTC's (https://docs.aws.amazon.com/redshift/latest/dg/r_AT_TIME_ZONE.html). */
const instantOf = (root: Target, cursor: string): string =>
  columnOf(root, cursorOf(root)).type.kind === 'timestamptz'
    ? cursor
    : `CAST(${cursor} AS TIMESTAMP) AT TIME ZONE 'UTC'`;

/**
 * For how long versions hold: the new ones, and those of the target that now hold for another time, which have no row and batch here. LEAD
 * is null for the last (https://docs.aws.amazon.com/redshift/latest/dg/r_WF_LEAD.html).
 */
const createSpans = (root: Target): string => {
  const { n, plan, table } = root;
  const keys = table.key.map((_, at) => `key_${at + 1}`);
  const cursor = `key_${keys.length + 1}`;
  const held = [...table.key, cursorOf(root)].map(
    (name, at) => `${keyExpression(root, 't', name)} AS key_${at + 1}`,
  );
  return `CREATE TEMP TABLE ${spansName(n)} AS
SELECT v.*
FROM (
  SELECT u.*, LEAD(u.valid_from) OVER (PARTITION BY ${keys.join(', ')} ORDER BY u.valid_from) AS valid_to
  FROM (
    SELECT ${held.join(', ')}, CAST(NULL AS VARCHAR(256)) AS "_batch", CAST(NULL AS BIGINT) AS "_row",
      ${instantOf(root, `t.${quoteIdentifier(cursorOf(root))}`)} AS valid_from, t."_valid_to" AS had_to
    FROM ${heldName(n)} t
    UNION ALL
    SELECT ${[...keys, cursor].map((name) => `p.${name}`).join(', ')}, p."_batch", p."_row",
      ${instantOf(root, `p.${cursor}`)}, CAST(NULL AS TIMESTAMPTZ)
    FROM ${plan} p
    WHERE p."_fate" = 'inserted'
  ) u
) v
WHERE v."_row" IS NOT NULL OR COALESCE(v.had_to <> v.valid_to, v.had_to IS NOT NULL OR v.valid_to IS NOT NULL)`;
};

/** Closes versions that another one follows now, or follows sooner. */
const changeSpans = (root: Target): string => {
  const { n, table, name } = root;
  const row = quoteIdentifier(table.name);
  const spans = spansName(n);
  const same = [...table.key, cursorOf(root)].map(
    (column, at) => `${keyExpression(root, row, column)} = ${spans}.key_${at + 1}`,
  );
  return `UPDATE ${name} SET
  "_valid_to" = ${spans}.valid_to,
  "_is_current" = (${spans}.valid_to IS NULL),
  "_loaded_at" = ${LOADED_AT}
FROM ${spans}
WHERE ${same.join(' AND ')} AND ${spans}."_row" IS NULL`;
};
