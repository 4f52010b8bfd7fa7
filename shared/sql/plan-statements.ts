import { countBelow, RECORD_HAD, rowsHad, toRecord } from './family.ts';
import { BATCHES } from './names.ts';
import { quoteIdentifier, varcharLiteral } from './quote.ts';
import { columnOf, isHashed, keyExpression, mayEndInBlanks, type Staged, type Target } from './target.ts';
import { joinGone, MARK, stagedDeletion, type Tombstones } from './tombstones.ts';
import { equalOrBothNull, orderColumns } from './versions.ts';

/**
 * The plan of a family: one row a staged row of its root, of the batches that are new, with the fate that its whole record has
 * - stale: another version of its key, or a newer snapshot, wins;
 * - inserted, updated: it goes into the target;
 * - unchanged: the target holds the same record, of which only the place in the order of versions is written;
 * and, where a disposition takes rows of the target away that no staged row has the key of, one row `deleted` for each.
 * This is the one look at the target: narrow, and held to the staged keys' range. What follows works from the plan.
 */

export interface Family {
  readonly root: Target;
  /** Its tables below, in the contract's order. */
  readonly children: readonly Target[];
  /** What deletes rows of the root, where the contract has that. */
  readonly tombstones?: Tombstones | undefined;
  /** Rows of the root that are gone stay, and have a mark: its target has `_deleted_at`. */
  readonly marks: boolean;
}

export const familiesOf = (
  targets: readonly Target[],
  tombstones: readonly Tombstones[] = [],
): readonly Family[] =>
  targets
    .filter(({ parent }) => parent === undefined)
    .map((root) => {
      const own = tombstones.find(({ of }) => of === root);
      return {
        root,
        children: targets.filter((target) => target !== root && target.root === root),
        tombstones: own,
        marks: root.table.marks === true || own?.mode === 'mark',
      };
    });

/** All that is staged of a family. */
export const stagedOf = ({ root, children, tombstones }: Family): readonly Staged[] => [
  root,
  ...children,
  ...(tombstones === undefined ? [] : [tombstones]),
];

const quoteKey = (at: number): string => `key_${at + 1}`;

const stagedKeys = (root: Target): readonly string[] =>
  root.rootKey.map((pair, at) => `${keyExpression(root, 's', pair.own)} AS ${quoteKey(at)}`);

/** The condition that a row of a family's table belongs to a row of the plan. */
export const belongsToPlan = (target: Target, row: string): string =>
  target.rootKey
    .map((pair, at) => `${keyExpression(target, row, pair.own)} = ${target.root.plan}.${quoteKey(at)}`)
    .join(' AND ');

/** Zone maps tell which blocks hold none of a range (https://docs.aws.amazon.com/redshift/latest/dg/t_Sorting_data.html). */
const withinStaged = (root: Target): readonly string[] => {
  const [first] = root.table.key;
  if (first === undefined) return [];
  // There is no MIN of booleans, and trailing blanks compare otherwise elsewhere.
  if (columnOf(root, first).type.kind === 'boolean' || mayEndInBlanks(root, first)) return [];
  const column = quoteIdentifier(first);
  return [
    `${column} >= (SELECT MIN(${column}) FROM ${root.stage})`,
    `${column} <= (SELECT MAX(${column}) FROM ${root.stage})`,
  ];
};

/** Key, order of versions and hash of the target's rows: what a plan reads of it. */
export const narrowTarget = (
  { root, marks }: Family,
  range: 'staged' | 'all',
  more: readonly string[] = [],
): string => {
  const mark = marks ? [MARK] : [];
  const named = [...root.table.key, ...more].map(quoteIdentifier);
  const columns = [...new Set([...named, ...orderColumns(root), ...mark])];
  const had = isHashed(root) ? RECORD_HAD : 'CAST(NULL AS VARCHAR(64))';
  const where = range === 'all' ? [] : withinStaged(root);
  const held = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`;
  return `(SELECT ${columns.join(', ')}, ${had} AS had FROM ${root.name}${held})`;
};

export const sameKey = (root: Target, a: string, b: string): string =>
  root.table.key
    .map((name) => `${keyExpression(root, a, name)} = ${keyExpression(root, b, name)}`)
    .join(' AND ');

/** Whether the join found a row of the target: its key is not null then, as the staged one is not. */
export const isThere = ({ table: { key } }: Target): string =>
  `t.${quoteIdentifier(key[0] ?? '')} IS NOT NULL`;

/** The target's rows as a plan meets them: of tombstones' keys too, where there may be some. */
export const metTarget = (family: Family): string =>
  family.tombstones === undefined ? narrowTarget(family, 'staged') : family.tombstones.touched;

/** The columns of a plan, in their order, for its staged rows. */
const stagedColumns = (
  { root, children, tombstones, marks }: Family,
  fate: string,
  isMet: boolean,
): readonly string[] => [
  's."_batch"',
  's."_row"',
  'b.observed AS "_observed"',
  fate,
  ...stagedKeys(root),
  `${isHashed(root) ? toRecord(children) : 'CAST(NULL AS VARCHAR(512))'} AS record`,
  ...children.flatMap((child) => [
    `COALESCE(c${child.n}.n, 0) AS staged_${child.n}`,
    `COALESCE(c${child.n}.counted, 0) AS rows_${child.n}`,
    `${isMet && isHashed(root) ? rowsHad(child) : '0'} AS had_${child.n}`,
  ]),
  ...(marks ? [`${stagedDeletion(tombstones)} AS deleted_at`] : []),
];

const fateOf = (stale: readonly string[], met: readonly string[], otherwise: string): string =>
  stale.length + met.length === 0
    ? `${varcharLiteral(otherwise)} AS "_fate"`
    : [
        'CASE',
        ...[...stale.map((condition) => `WHEN ${condition} THEN 'stale'`), ...met].map(
          (line) => `    ${line}`,
        ),
        `    ELSE '${otherwise}'`,
        '  END AS "_fate"',
      ].join('\n');

/** What a staged row does where the target holds its key: `stale` says, in this order, when it does nothing. */
const metFates = ({ root, tombstones, marks }: Family): readonly string[] => {
  const isSame = [`SPLIT_PART(t.had, '.', 1) = s."_hash"`];
  if (marks) isSame.push(equalOrBothNull(`t.${MARK}`, stagedDeletion(tombstones)));
  return [
    `WHEN NOT ${isThere(root)} THEN 'inserted'`,
    ...(isHashed(root) ? [`WHEN ${isSame.join(' AND ')} THEN 'unchanged'`] : []),
  ];
};

/** How a plan finds the fates of its staged rows, `s`. */
export interface Meeting {
  /** When a staged row loses. */
  readonly stale: readonly string[];
  /** The target's rows that they may meet, as `t`. */
  readonly met?: string;
  /** Which one a staged row meets, where that is not the one of its key; what it does then; and what it does else. */
  readonly on?: string;
  readonly fates?: readonly string[];
  readonly otherwise?: 'inserted' | 'updated';
}

/** A plan's staged rows. */
export const planStaged = (family: Family, { stale, met, ...by }: Meeting): string => {
  const { root, children, tombstones } = family;
  const {
    on = sameKey(root, 't', 's'),
    fates = met === undefined ? [] : metFates(family),
    otherwise = met === undefined ? 'inserted' : 'updated',
  } = by;
  const fate = fateOf(stale, fates, otherwise);
  return [
    `CREATE TEMP TABLE ${root.plan} AS`,
    'SELECT',
    `  ${stagedColumns(family, fate, met !== undefined).join(',\n  ')}`,
    `FROM ${root.stage} s`,
    `JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.is_new`,
    ...(met === undefined ? [] : [`LEFT JOIN ${met} t ON ${on}`]),
    ...(tombstones === undefined ? [] : [joinGone(tombstones)]),
    ...children.map(countBelow),
  ].join('\n');
};

/** Rows of the target that go, as `t`, which batch takes them (its name and when it was observed), and when they went. */
export interface Going {
  readonly from: string;
  readonly batch: string;
  readonly observed: string;
  readonly deletedAt: string;
}

/** A plan's rows of the target that go, with all that lies below them, or are marked. */
export const selectDeleted = (
  { root, children, marks }: Family,
  { from, batch, observed, deletedAt }: Going,
): string => {
  const columns = [
    `${batch} AS "_batch"`,
    'CAST(NULL AS BIGINT) AS "_row"',
    `${observed} AS "_observed"`,
    `${varcharLiteral(marks ? 'marked' : 'deleted')} AS "_fate"`,
    ...root.rootKey.map(({ own }, at) => `${keyExpression(root, 't', own)} AS ${quoteKey(at)}`),
    'CAST(NULL AS VARCHAR(512)) AS record',
    ...children.flatMap((child) => [
      `0 AS staged_${child.n}`,
      `0 AS rows_${child.n}`,
      `${isHashed(root) ? rowsHad(child) : '0'} AS had_${child.n}`,
    ]),
    ...(marks ? [`${deletedAt} AS deleted_at`] : []),
  ];
  return `SELECT\n  ${columns.join(',\n  ')}\n${from}`;
};

/** They stand behind a plan's staged rows. */
export const planDeleted = (family: Family, going: Going): string =>
  `UNION ALL\n${selectDeleted(family, going)}`;
