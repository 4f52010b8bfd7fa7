import { byteCheckMessage } from './sql/column-type.ts';

/** Thrown between two pieces of work when somebody cancelled the request. */
export class StatementCancelled extends Error {
  override readonly name = 'StatementCancelled';
}

/** Says an error as Redshift does, where Postgres uses other words. */
export const toRedshiftMessage = (cause: unknown): string => {
  if (!(cause instanceof Error)) return `ERROR: ${String(cause)}`;
  const code = fieldOf(cause, 'code');
  const byteCheck = code === '23514' ? byteCheckMessage(fieldOf(cause, 'constraint')) : undefined;
  if (byteCheck !== undefined) return `ERROR: ${byteCheck}`;
  if (code === '23502') return `ERROR: Cannot insert a NULL value into column ${fieldOf(cause, 'column')}`;
  if (code === '21000' && cause.message.startsWith('MERGE')) {
    return 'ERROR: Found multiple matches to update the same tuple.';
  }
  return `ERROR: ${cause.message}`;
};

/** Where in a procedure an error came up, as it follows the message (stored-procedure-trapping-errors); of others nothing. */
export const contextOf = (cause: unknown): string => {
  const where = cause instanceof Error ? fieldOf(cause, 'where') : '';
  return where.includes('PL/pgSQL') ? `\nCONTEXT:  ${where}` : '';
};

const fieldOf = (cause: Error, field: string): string => {
  const value: unknown = Object.getOwnPropertyDescriptor(cause, field)?.value;
  return typeof value === 'string' ? value : '';
};
