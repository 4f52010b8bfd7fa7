import { isFields, list, type NodeRule, nodeOf } from './node-rules.ts';
import { redshiftRefuses } from './refusal.ts';
import type { Token } from './tokens.ts';

const UNBOUND = ['with', 'no', 'schema', 'binding'];

/** Whether a CREATE VIEW ends with WITH NO SCHEMA BINDING, which Postgres does not know. */
export const isUnbound = (tokens: readonly Token[]): boolean => {
  const last = tokens.slice(-UNBOUND.length - 1, -1);
  return (
    /^create (or replace )?view\b/.test(toWords(tokens.slice(0, 4))) && toWords(last) === UNBOUND.join(' ')
  );
};

const toWords = (tokens: readonly Token[]): string =>
  tokens.map(({ kind, value }) => (kind === 'word' ? value : '?')).join(' ');

export const withoutBinding = (tokens: readonly Token[]): readonly Token[] => [
  ...tokens.slice(0, -UNBOUND.length - 1),
  ...tokens.slice(-1),
];

/** Postgres looks the tables up when it makes the view, as Redshift does only without the clause; so they have to be there here. */
export const checkUnbound = (statement: unknown): void => {
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of list(value)) walk(item);
    else if (typeof value === 'object' && value !== null) {
      const table = nodeOf(value, 'RangeVar');
      if (table !== undefined && table.schemaname === undefined)
        throw redshiftRefuses(
          `the table ${String(table.relname)} without its schema in a view WITH NO SCHEMA BINDING`,
          'r_CREATE_VIEW',
        );
      for (const inner of Object.values(value)) walk(inner);
    }
  };
  walk(nodeOf(statement, 'ViewStmt')?.query);
};

export const checkView: NodeRule = (node) => {
  const view = isFields(node.view) ? node.view : {};
  if (view.relpersistence !== 'p') throw redshiftRefuses('CREATE TEMP VIEW', 'r_CREATE_VIEW');
  if (node.withCheckOption !== 'NO_CHECK_OPTION') throw redshiftRefuses('WITH CHECK OPTION', 'r_CREATE_VIEW');
  if (nodeOf(node.query, 'SelectStmt') === undefined)
    throw redshiftRefuses('a view of anything but a SELECT', 'r_CREATE_VIEW');
};
