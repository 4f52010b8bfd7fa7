import type { TargetColumn } from './copy/field-check.ts';
import { readColumns } from './copy/run-copy.ts';
import { dropSorted } from './keep-sorted.ts';
import type { Postgres } from './postgres.ts';
import type { AlterTable } from './sql/alter-table.ts';
import { toByteCheck, toByteCheckName, toEncodingName, toMark, toUniqueName } from './sql/column-type.ts';
import { FIXED_ENCODINGS } from './sql/encoding.ts';
import { quoteTable } from './sql/reader.ts';
import { redshiftRefuses, SqlRefused } from './sql/refusal.ts';
import { quoteIdentifier, quoteLiteral } from './sql/tokens.ts';

/** Runs an ALTER TABLE as Redshift would. Throws SqlRefused for what r_ALTER_TABLE does not allow of the column that is there. */
export const runAlter = async (alter: AlterTable, postgres: Postgres): Promise<void> => {
  switch (alter.kind) {
    case 'add':
    case 'owner':
    case 'rename':
      await postgres.run(alter.text);
      return;
    case 'encode':
      return encode(alter, postgres);
    case 'widen':
      return widen(alter, postgres);
  }
};

type Widen = Extract<AlterTable, { kind: 'widen' }>;
type Encode = Extract<AlterTable, { kind: 'encode' }>;

const findColumn = async ({ table, column }: Widen | Encode, postgres: Postgres): Promise<TargetColumn> => {
  const found = (await readColumns(postgres, table)).find(({ name }) => name === column);
  if (found === undefined)
    throw new SqlRefused(`column "${column}" of relation "${table.name}" does not exist`);
  return found;
};

/** The checks of a table, whose names tell encodings and keys. */
const readMarks = async ({ table }: Widen | Encode, postgres: Postgres): Promise<readonly string[]> => {
  const { rows } = await postgres.query(
    `SELECT conname FROM pg_constraint WHERE conrelid = ${quoteLiteral(quoteTable(table))}::regclass`,
  );
  return rows.map(([name]) => name ?? '');
};

const encode = async (alter: Encode, postgres: Postgres): Promise<void> => {
  const { table, column, encoding } = alter;
  const { type } = await findColumn(alter, postgres);
  const isText = type === 'varchar' || type === 'bpchar';
  if ((encoding.startsWith('text') && type !== 'varchar') || (encoding === 'az64' && isText))
    throw redshiftRefuses(
      `the encoding ${encoding} of column "${column}", ${type},`,
      'c_Compression_encodings',
    );
  const marks = await readMarks(alter, postgres);
  if (marks.includes(toEncodingName(column, encoding)))
    throw redshiftRefuses(`ALTER COLUMN "${column}" ENCODE ${encoding}, which it has,`, 'r_ALTER_TABLE');
  const end = toEncodingName(column, '').replace('encoded_', '');
  for (const mark of marks.filter((name) => name.startsWith('encoded_') && name.endsWith(end)))
    await postgres.run(`ALTER TABLE ${quoteTable(table)} DROP CONSTRAINT ${mark}`);
  await postgres.run(`ALTER TABLE ${quoteTable(table)} ADD${toMark(toEncodingName(column, encoding))}`);
};

const hasDefault = async ({ table, column }: Widen, postgres: Postgres): Promise<boolean> => {
  const { rows } = await postgres.query(
    `SELECT 1 FROM pg_attribute WHERE attrelid = ${quoteLiteral(quoteTable(table))}::regclass
     AND attname = ${quoteLiteral(column)} AND atthasdef`,
  );
  return rows.length > 0;
};

const refuseFixed = async (alter: Widen, postgres: Postgres): Promise<void> => {
  const { column } = alter;
  const refuse = (what: string): never => {
    throw redshiftRefuses(`ALTER COLUMN "${column}" TYPE of a column with ${what}`, 'r_ALTER_TABLE');
  };
  const marks = await readMarks(alter, postgres);
  const fixed = FIXED_ENCODINGS.find((encoding) => marks.includes(toEncodingName(column, encoding)));
  if (fixed !== undefined) refuse(`the encoding ${fixed}`);
  if (marks.includes(toUniqueName(column))) refuse('UNIQUE or PRIMARY KEY');
  if (await hasDefault(alter, postgres)) refuse('a default value');
};

/** Redshift measures the longest value that is there; a shorter type is refused here whatever the values. */
const widen = async (alter: Widen, postgres: Postgres): Promise<void> => {
  const { type, column } = alter;
  const has = await findColumn(alter, postgres);
  if (has.type !== 'varchar') {
    throw new SqlRefused(`ALTER COLUMN TYPE takes a column of type varchar, "${column}" is ${has.type}`);
  }
  await refuseFixed(alter, postgres);
  const bytes = has.length ?? 0;
  if ((type.bytes ?? 0) < bytes) {
    throw redshiftRefuses(`column "${column}" from varchar(${bytes}) to ${type.postgres}`, 'r_ALTER_TABLE');
  }
  const table = quoteTable(alter.table);
  const old = toByteCheckName(column, { postgres: `varchar(${bytes})`, bytes });
  await dropSorted({ table: alter.table, column }, postgres);
  await postgres.run(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${old}`);
  await postgres.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(column)} TYPE ${type.postgres}`);
  await postgres.run(`ALTER TABLE ${table} ADD${toByteCheck(column, type)}`);
};
