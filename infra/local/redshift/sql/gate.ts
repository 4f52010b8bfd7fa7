import { deparse, parse } from 'pgsql-parser';
import { withoutOptimisation } from '../webassembly-tier.ts';
import { type AlterTable, parseAlterTable } from './alter-table.ts';
import { checkTree } from './check-tree.ts';
import { type Copy, parseCopy } from './copy.ts';
import { toPostgresGrant } from './grant.ts';
import { type MetColumn, metColumns } from './met-column.ts';
import { isFields, list, nodeOf } from './node-rules.ts';
import { isCreateProcedure, toPostgresCall, toPostgresProcedure } from './procedure.ts';
import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';
import { rewriteTokens } from './rewrite-tokens.ts';
import { toPostgresTree } from './rewrite-tree.ts';
import { toShowQuery } from './show.ts';
import { toPostgresCreateTable } from './table-ddl.ts';
import { parseTokens, type Token, toPostgresText } from './tokens.ts';
import { toPostgresAlterSchema, toPostgresUser } from './user.ts';
import { checkUnbound, isUnbound, withoutBinding } from './view.ts';

/** A statement that Redshift takes, as the local warehouse runs it. */
export type Admitted =
  | { readonly kind: 'query'; readonly text: string }
  /** Gives no rows; `counts` says that it has a number of rows changed. */
  | {
      readonly kind: 'command';
      readonly text: string;
      readonly counts: boolean;
      /** By what it finds the rows that it changes. */
      readonly met?: readonly MetColumn[];
    }
  | { readonly kind: 'alter'; readonly alter: AlterTable }
  | { readonly kind: 'copy'; readonly copy: Copy }
  | { readonly kind: 'timeout'; readonly milliseconds: number };

/** Where a statement runs: some do not run in a transaction, and the `query` verb only reads. */
export interface Place {
  readonly isInTransaction: boolean;
}

/** Statements by their first words that are refused before any parser sees them. */
const REFUSED: readonly (readonly [RegExp, string, string])[] = [
  [/^(begin|start|commit|end|rollback|abort)\b/, 'a transaction statement through the Data API', 'r_BEGIN'],
  [/^unload\b/, 'UNLOAD', 'r_UNLOAD'],
];

/** Lets exactly the Redshift SQL through that the local warehouse runs as Redshift does. Throws SqlRefused. */
export const admitStatement = async (sql: string, place: Place): Promise<Admitted> => {
  if (isCreateProcedure(sql)) {
    const met: MetColumn[] = [];
    const text = await toPostgresProcedure(sql, (within) => admitWithin(within, met));
    return { kind: 'command', text, counts: false, met };
  }
  const tokens = parseTokens(sql);
  const start = tokens
    .slice(0, 4)
    .map((token) => token.value)
    .join(' ');
  if (tokens.length === 1) throw new SqlRefused('the statement is empty');
  for (const [shape, what] of REFUSED) if (shape.test(start)) throw notKnownHere(what);
  if (/^truncate\b/.test(start)) {
    throw place.isInTransaction
      ? redshiftRefuses('TRUNCATE in a transaction, which it would commit,', 'r_TRUNCATE')
      : notKnownHere('TRUNCATE');
  }
  if (start.startsWith('copy ')) return { kind: 'copy', copy: parseCopy(tokens) };
  if (start.startsWith('alter table')) {
    return { kind: 'alter', alter: parseAlterTable(tokens, place.isInTransaction) };
  }
  if (start.startsWith('grant ')) return { kind: 'command', text: toPostgresGrant(tokens), counts: false };
  if (/^(?:create|alter) user /.test(start))
    return { kind: 'command', text: toPostgresUser(tokens), counts: false };
  if (start.startsWith('alter schema '))
    return { kind: 'command', text: toPostgresAlterSchema(tokens), counts: false };
  if (start.startsWith('show ')) return { kind: 'query', text: toShowQuery(tokens) };
  const call = toPostgresCall(tokens);
  if (call !== undefined) return { kind: 'command', text: call, counts: false };
  if (isCreateTable(tokens)) {
    return { kind: 'command', text: toPostgresCreateTable(tokens), counts: false };
  }
  if (!isUnbound(tokens)) return admitParsed(toPostgresText(rewriteTokens(tokens)));
  return admitParsed(toPostgresText(rewriteTokens(withoutBinding(tokens))), checkUnbound);
};

/** A statement of a procedure: as strictly as any other, and one that Postgres runs by itself. */
const admitWithin = async (sql: string, met: MetColumn[]): Promise<string> => {
  const admitted = await admitStatement(sql, { isInTransaction: true });
  if (admitted.kind !== 'command')
    throw notKnownHere(`a statement of the kind ${admitted.kind} in a procedure`);
  met.push(...(admitted.met ?? []));
  return admitted.text;
};

/** Lets a SELECT through and nothing else, for people who look. Throws SqlRefused. */
export const admitQuery = async (sql: string): Promise<string> => {
  const admitted = await admitStatement(sql, { isInTransaction: false });
  if (admitted.kind !== 'query') throw notKnownHere('anything but SELECT and SHOW TABLES here');
  return admitted.text;
};

/** CREATE [TEMP] TABLE name (columns); without the parenthesis it is CREATE TABLE AS. */
const isCreateTable = (tokens: readonly Token[]): boolean => {
  const words = tokens.map((token) => (token.kind === 'word' ? token.value : token.text));
  const at = words.indexOf('table');
  if (words[0] !== 'create' || at < 1 || at > 3) return false;
  const rest = words.slice(at + 1, at + 9);
  const parenthesis = rest.indexOf('(');
  const as = rest.indexOf('as');
  return parenthesis !== -1 && (as === -1 || parenthesis < as);
};

const COUNTED: ReadonlySet<string> = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CreateTableAsStmt',
]);
const UNCOUNTED: ReadonlySet<string> = new Set(['LockStmt', 'CreateSchemaStmt', 'DropStmt', 'ViewStmt']);

const admitParsed = async (
  allowed: string,
  check: (statement: unknown) => void = () => undefined,
): Promise<Admitted> => {
  const statement = await parseStatement(allowed);
  checkTree(statement);
  check(statement);
  const text = await toPostgres(allowed, statement);
  const kind = Object.keys(statement)[0] ?? '';
  if (kind === 'SelectStmt') {
    if (nodeOf(statement, kind)?.valuesLists !== undefined) {
      throw redshiftRefuses('VALUES as a table', 'c_unsupported-postgresql-features');
    }
    return { kind: 'query', text };
  }
  if (COUNTED.has(kind)) return { kind: 'command', text, counts: true, met: metColumns(statement) };
  if (UNCOUNTED.has(kind)) return { kind: 'command', text, counts: false };
  if (kind === 'VariableSetStmt') return { kind: 'timeout', milliseconds: parseTimeout(statement) };
  throw notKnownHere(kind);
};

/** The text itself where Redshift and Postgres read it alike. */
const toPostgres = async (text: string, statement: Record<string, unknown>): Promise<string> => {
  const written = JSON.stringify(toPostgresTree(statement));
  return written === JSON.stringify(statement) ? text : deparse(JSON.parse(written));
};

/** The first statement has the grammar compiled, which is never worth to be optimised. */
let parseText: typeof parse = (text) => {
  parseText = parse;
  return withoutOptimisation(() => parse(text));
};

const parseStatement = async (text: string): Promise<Record<string, unknown>> => {
  const result: unknown = await parseText(text).catch((cause: unknown) => {
    throw new SqlRefused(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const statement = isFields(result) ? list(result.stmts)[0] : undefined;
  const inner = isFields(statement) ? statement.stmt : undefined;
  if (!isFields(inner)) throw new SqlRefused('the statement is empty');
  return inner;
};

/** Milliseconds; 0 is none (r_statement_timeout). */
const parseTimeout = (statement: unknown): number => {
  const args = list(nodeOf(statement, 'VariableSetStmt')?.args);
  const constant = nodeOf(args[0], 'A_Const');
  const value = isFields(constant?.ival) ? Number(constant.ival.ival ?? 0) : Number.NaN;
  if (args.length !== 1 || !Number.isInteger(value) || value < 0) {
    throw redshiftRefuses('statement_timeout other than a number of milliseconds', 'r_statement_timeout');
  }
  return value;
};
