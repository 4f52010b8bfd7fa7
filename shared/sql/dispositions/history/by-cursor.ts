import { updateMet } from '../../apply-statements.ts';
import { BATCHES, heldName, spansName } from '../../names.ts';
import { type Family, narrowTarget } from '../../plan-statements.ts';
import { LOADED_AT, quoteIdentifier } from '../../quote.ts';
import { columnOf, type Target } from '../../target.ts';
import { keepOne } from '../merge.ts';
import { asKeys, type HistoryForm, hasKeys, keyList } from './form.ts';

/** A version is a key and a value of its cursor, and holds until the next one's: so versions may come in any order. */
export const byCursor: HistoryForm = {
  meet: (family) => [gatherHeld(family)],
  createPlan: ({ root }) => keepOne(byVersion(root), 'DESC', heldName(root.n)),
  change: ({ root }) => [createSpans(root), changeSpans(root), updateMet(byVersion(root))],
};

const cursorOf = ({ table }: Target): string => table.sequence[0] ?? '';

const versionKey = (root: Target): readonly string[] => [...root.table.key, cursorOf(root)];

/** The table as one whose key tells versions apart: a staged row meets the row of the same version, and no other. */
const byVersion = (root: Target): Family => {
  const key = [...versionKey(root)];
  const versions = {
    ...root,
    table: { ...root.table, key },
    rootKey: key.map((name) => ({ own: name, root: name })),
  };
  return { root: versions, children: [], marks: false };
};

/** The one look at the target: all versions of the staged keys. */
const gatherHeld = (family: Family): string => {
  const { root } = family;
  const { n, stage, table } = root;
  return `CREATE TEMP TABLE ${heldName(n)} AS
SELECT t.*
FROM ${narrowTarget(family, 'staged', ['_valid_to'])} t
JOIN (SELECT DISTINCT ${asKeys(root, 's', table.key)} FROM ${stage} s JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.is_new) k ON ${hasKeys(root, 't', table.key, 'k')}`;
};

/** A cursor as an instant; one without a zone is UTC's (https://docs.aws.amazon.com/redshift/latest/dg/r_AT_TIME_ZONE.html). */
const instantOf = (root: Target, cursor: string): string =>
  columnOf(root, cursorOf(root)).type.kind === 'timestamptz'
    ? cursor
    : `CAST(${cursor} AS TIMESTAMP) AT TIME ZONE 'UTC'`;

/**
 * The times for which versions hold: of the new ones, and of those of the target whose time is another now, which have no row here. LEAD is
 * null for a key's last (https://docs.aws.amazon.com/redshift/latest/dg/r_WF_LEAD.html).
 */
const createSpans = (root: Target): string => {
  const { n, plan, table } = root;
  const version = versionKey(root);
  return `CREATE TEMP TABLE ${spansName(n)} AS
SELECT v.*
FROM (
  SELECT u.*, LEAD(u.valid_from) OVER (PARTITION BY ${keyList(table.key, 'u')} ORDER BY u.valid_from) AS valid_to
  FROM (
    SELECT ${asKeys(root, 't', version)}, CAST(NULL AS VARCHAR(256)) AS "_batch", CAST(NULL AS BIGINT) AS "_row",
      CAST(NULL AS TIMESTAMPTZ) AS "_observed", CAST(NULL AS VARCHAR(512)) AS record, CAST(NULL AS VARCHAR(256)) AS "_fate",
      ${instantOf(root, `t.${quoteIdentifier(cursorOf(root))}`)} AS valid_from, t."_valid_to" AS had_to
    FROM ${heldName(n)} t
    UNION ALL
    SELECT ${keyList(version, 'p')}, p."_batch", p."_row", p."_observed", p.record, p."_fate",
      ${instantOf(root, `p.key_${version.length}`)}, CAST(NULL AS TIMESTAMPTZ)
    FROM ${plan} p
    WHERE p."_fate" = 'inserted'
  ) u
) v
WHERE v."_row" IS NOT NULL OR COALESCE(v.had_to <> v.valid_to, v.had_to IS NOT NULL OR v.valid_to IS NOT NULL)`;
};

/** Before new versions are there, which have their times from the start. */
const changeSpans = (root: Target): string => {
  const spans = spansName(root.n);
  return `UPDATE ${root.name} SET
  "_valid_to" = ${spans}.valid_to,
  "_is_current" = (${spans}.valid_to IS NULL),
  "_loaded_at" = ${LOADED_AT}
FROM ${spans}
WHERE ${hasKeys(root, quoteIdentifier(root.table.name), versionKey(root), spans)}`;
};
