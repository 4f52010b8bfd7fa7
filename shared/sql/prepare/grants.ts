import { type Contract, targetTables } from '../../model/contract.ts';
import { quoteIdentifier, quoteTable } from '../quote.ts';

/** A grantee as a feed writes it: `group analysts`, `role reader`, `public`, or a user's name alone. */
export const GRANTEE = /^(?:(?:group|role) )?[A-Za-z0-9_][A-Za-z0-9_:.@/+=-]{0,126}$/;

/** What to write for a grantee of another form, where that can be told. */
export const hintGrantee = (written: string): string | undefined => {
  const [, kind = '', name = ''] = /^\s*(group|role|user)\s+["']?([^\s"']+)["']?\s*$/i.exec(written) ?? [];
  const right = kind.toLowerCase() === 'user' ? name : `${kind.toLowerCase()} ${name}`;
  return name !== '' && right !== written && GRANTEE.test(right) ? right : undefined;
};

/** TO username | ROLE name | GROUP name | PUBLIC (https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html) */
const toGrantee = (written: string): string => {
  const [first = '', second] = written.split(' ');
  if (second !== undefined) return `${first.toUpperCase()} ${quoteIdentifier(second)}`;
  return first.toLowerCase() === 'public' ? 'PUBLIC' : quoteIdentifier(first);
};

/** Lets each grantee read a contract's tables, by statements of its own: one that is unknown takes nothing from the others. */
export const grantStatements = ({ grants, ...contract }: Contract): readonly string[] => {
  const tables = targetTables(contract);
  const schemas = [...new Set(tables.map(({ schema }) => quoteIdentifier(schema)))].join(', ');
  const targets = tables.map(quoteTable).join(', ');
  return (grants?.select ?? [])
    .map(toGrantee)
    .flatMap((grantee) => [
      `GRANT USAGE ON SCHEMA ${schemas} TO ${grantee}`,
      `GRANT SELECT ON TABLE ${targets} TO ${grantee}`,
    ]);
};
