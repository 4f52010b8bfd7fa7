import { nearest } from '../../../shared/model/nearest.ts';
import type { Postgres } from './postgres.ts';
import { GUIDE } from './sql/refusal.ts';
import { systemViewOf } from './sql/system-views.ts';

/**
 * What the message of a query adds where the warehouse has no such table or column: the nearest that it has; of a system view, whether Redshift
 * has it.
 */
export const nearestName = async (cause: unknown, sql: string, postgres: Postgres): Promise<string> => {
  const message = cause instanceof Error ? cause.message : '';
  const table = /^relation "(.+)" does not exist$/.exec(message)?.[1];
  const column = /^column "?(.+?)"? does not exist$/.exec(message)?.[1];
  const view = table === undefined ? undefined : systemViewOf(table.replace(/^pg_catalog\./, ''));
  if (table !== undefined && view?.isKnown === true)
    return `: Redshift has it, and it is not known to the local warehouse; see ${SYSTEM_PAGE}`;
  if (table !== undefined && view !== undefined) {
    const near = nearest(table, view.all);
    const hint = near === undefined ? '' : `, the nearest is ${near}`;
    return `: Redshift has no such system view${hint}; see ${SYSTEM_PAGE}`;
  }
  if (table === undefined) return column === undefined ? '' : tellColumn(column, sql, postgres);
  const near = await nearestTable(table, postgres);
  return near === undefined ? '' : `, the nearest is ${near}`;
};

const SYSTEM_PAGE = `${GUIDE}cm_chap_system-tables.html`;

const nearestTable = async (missing: string, postgres: Postgres): Promise<string | undefined> => {
  const { rows } = await postgres.query('SELECT table_schema, table_name FROM svv_tables');
  const tables = rows.map(([schema, name]) => ({ name: name ?? '', path: `${schema}.${name}` }));
  const pathOf = (wanted: string | undefined): string | undefined =>
    tables.find(({ name }) => name === wanted)?.path;
  const names = tables.map(({ name }) => name);
  const paths = tables.map(({ path }) => path);
  const bare = missing.split('.').at(-1) ?? '';
  return pathOf(bare) ?? nearest(missing, paths) ?? pathOf(nearest(bare, names));
};

/** Tables that have the very column are told; more of them say no more. */
const MOST_TOLD = 3;

interface Column {
  readonly column: string;
  /** `schema.table`. */
  readonly path: string;
  /** Whether the statement names its table. */
  readonly isNamed: boolean;
}

/**
 * The message does not say which table was meant: those that the statement names come first. A column that only other tables have, as those of before
 * a rebuild, is told with them.
 */
const tellColumn = async (missing: string, sql: string, postgres: Postgres): Promise<string> => {
  const { rows } = await postgres.query('SELECT table_schema, table_name, column_name FROM svv_columns');
  const words = new Set(sql.toLowerCase().match(/[\w$]+/g));
  const columns = rows.map(
    ([schema, name, column]): Column => ({
      ...{ column: column ?? '', path: `${schema}.${name}` },
      isNamed: words.has((name ?? '').toLowerCase()),
    }),
  );
  const bare = missing.split('.').at(-1)?.replaceAll('"', '') ?? '';
  const others = columns.filter(({ column }) => column.toLowerCase() === bare.toLowerCase());
  const isNew = others.length === 0;
  const near =
    findNear(
      bare,
      columns.filter(({ isNamed }) => isNamed),
    ) ?? (isNew ? findNear(bare, columns) : undefined);
  const hint = near === undefined ? '' : `, the nearest is ${near.column} of ${near.path}`;
  if (isNew) return hint;
  const paths = [...new Set(others.map(({ path }) => path))].sort();
  const more = paths.length > MOST_TOLD ? ` and ${paths.length - MOST_TOLD} more` : '';
  return `${hint}${hint === '' ? ':' : ';'} ${bare} is a column of ${paths.slice(0, MOST_TOLD).join(', ')}${more}`;
};

const findNear = (missing: string, columns: readonly Column[]): Column | undefined => {
  const others = columns.filter(({ column }) => column.toLowerCase() !== missing.toLowerCase());
  const near = nearest(
    missing,
    others.map(({ column }) => column),
  );
  return others.find(({ column }) => column === near);
};
