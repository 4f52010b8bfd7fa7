import { createHash } from 'node:crypto';
import { LONGEST_TEXT_BYTES } from '../values/text.ts';
import { MAX_STATEMENT_BYTES } from './batch-limits.ts';
import { MILLRACE_SCHEMA } from './names.ts';
import { quoteIdentifier, quoteLiteral } from './quote.ts';

/**
 * Many statements as few of a batch: procedures, each made, called and dropped within the batch's transaction, so that none stays
 * (https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-transaction-management.html).
 *
 * What they do is EXECUTEd: into other statements PL/pgSQL puts the values of its variables, and one of its own is called `found`, as a
 * column may be (https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html).
 */

/** A column of somebody else may have `$$` in its name, which would end the procedure's text. */
const toExecute = (sql: string): string =>
  `EXECUTE ${quoteLiteral(sql).replaceAll(/\$(?=\$)/g, "$' || '")};\n`;

/** https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html. A procedure is named by its text: several deployments may load at once. */
const toProcedure = (executes: readonly string[]): readonly string[] => {
  const body = `BEGIN\n${executes.join('')}END;\n`;
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const name = `${quoteIdentifier(MILLRACE_SCHEMA)}.${quoteIdentifier(`sp_load_${hash}`)}()`;
  return [
    `CREATE OR REPLACE PROCEDURE ${name} AS $$\n${body}$$ LANGUAGE plpgsql`,
    `CALL ${name}`,
    `DROP PROCEDURE ${name}`,
  ];
};

/** What stands around the statements of a procedure: in its text, and as statements of the batch. */
const FRAME_BYTES = 150;
const FRAME_STATEMENTS = 3;

interface Group {
  readonly statements: string[];
  bytes: number;
}

/**
 * Consecutive statements, as many as one procedure's text may hold. EXECUTE takes a text, so one that is longer stands alone
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html).
 */
const toGroups = (statements: readonly string[]): readonly Group[] => {
  const groups: Group[] = [];
  for (const sql of statements) {
    const isLong = Buffer.byteLength(sql) > LONGEST_TEXT_BYTES;
    const bytes = isLong ? MAX_STATEMENT_BYTES : Buffer.byteLength(toExecute(sql));
    const last = groups.at(-1);
    if (last === undefined || last.bytes + bytes > MAX_STATEMENT_BYTES - FRAME_BYTES)
      groups.push({ statements: [sql], bytes });
    else {
      last.statements.push(sql);
      last.bytes += bytes;
    }
  }
  return groups;
};

/** The same statements in the same order, gathered in procedures where that makes fewer. */
export const inProcedures = (statements: readonly string[]): readonly string[] =>
  toGroups(statements).flatMap(({ statements }) =>
    statements.length > FRAME_STATEMENTS ? toProcedure(statements.map(toExecute)) : statements,
  );
