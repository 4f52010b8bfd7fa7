import { nearest } from '../../../shared/model/nearest.ts';
import type { Postgres } from './postgres.ts';
import { GUIDE } from './sql/refusal.ts';
import { systemViewOf } from './sql/system-views.ts';

/**
 * What the message of a query adds where the warehouse has no such table or column: the nearest that it has; of a system view, whether Redshift
 * has it.
 */
export const nearestName = async (cause: unknown, postgres: Postgres): Promise<string> => {
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
  const near =
    table === undefined
      ? column && (await nearestColumn(column, postgres))
      : await nearestTable(table, postgres);
  return near === undefined || near === '' ? '' : `, the nearest is ${near}`;
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

/** Of any table: the message does not say which one was meant. */
const nearestColumn = async (missing: string, postgres: Postgres): Promise<string | undefined> => {
  const { rows } = await postgres.query('SELECT DISTINCT table_name, column_name FROM svv_columns');
  const bare = missing.split('.').at(-1) ?? '';
  const near = nearest(
    bare,
    rows.map(([, name]) => name ?? ''),
  );
  const found = rows.find(([, name]) => name === near);
  return found === undefined ? undefined : `${found[1]} of ${found[0]}`;
};
