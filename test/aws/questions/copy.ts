import { STAGED_NULL } from '../../../shared/csv/staged.ts';
import type { ColumnContract } from '../../../shared/model/contract.ts';
import { loadErrorsQuery } from '../../../shared/sql/classify-error.ts';
import { stageName } from '../../../shared/sql/names.ts';
import { copyStage, createStage } from '../../../shared/sql/stage-statements.ts';
import type { Staged } from '../../../shared/sql/target.ts';
import { column, table, varchar } from '../../shared/sql/support/contracts.ts';
import { execute, type Place, putCsv, runBatch } from '../place.ts';
import { type Found, leaves, type Question } from './question.ts';

const toStaged = (columns: readonly ColumnContract[]): Staged => ({
  n: 1,
  stage: stageName(1),
  table: table('s.staged', { disposition: 'append', columns: [...columns] }),
});

/** Stages one row by the statements of a load, and looks at it. */
const staged = async (
  place: Place,
  name: string,
  columns: readonly ColumnContract[],
  csv: string,
  look: { readonly select: string; readonly row: readonly (string | number | null)[] },
): Promise<Found> => {
  const of = toStaged(columns);
  const url = await putCsv(place, name, `${csv},w-20260101T000000000Z,1\n`);
  const target = `${place.schema}.${name}`;
  const keep = `CREATE TABLE ${target} AS SELECT ${look.select} FROM ${of.stage}`;
  const statements = [createStage(of), copyStage(of, url, place.copyRole), keep];
  return leaves(place, statements, `SELECT * FROM ${target}`, [look.row]);
};

const bytes = (count: number): string => count.toLocaleString('en-US');

/** A SUPER value of so many bytes at the least, in strings that it may hold. */
const large = (size: number): Question => ({
  title: `does COPY take a SUPER value of ${bytes(size)} bytes?`,
  rests:
    'values up to 16,000,000 bytes are staged; one that COPY refuses parks its batch, with file and line',
  answer: 'yes',
  ask: (place) => {
    const strings = Math.ceil(size / 60_000);
    const json = JSON.stringify(Array.from({ length: strings }, () => 'x'.repeat(60_000 - 3)));
    return staged(place, `super_${size}`, [column('j', 'super')], `"${json.replaceAll('"', '""')}"`, {
      select: 'GET_ARRAY_LENGTH(j) AS n',
      row: [strings],
    });
  },
});

const nulls = (name: string, value: string): Omit<Question, 'title' | 'rests'> => ({
  answer: 'yes',
  ask: (place) =>
    staged(place, name, [column('v', varchar(10)), column('n', 'integer')], `${value},${value}`, {
      select: 'v, n',
      row: [null, null],
    }),
});

/** Has COPY refuse one of rows of a text and a number, and asks which. */
const refusedLine = async (place: Place, name: string, rows: readonly string[]) => {
  const of = toStaged([column('t', varchar(10)), column('n', 'integer')]);
  const csv = rows.map((values, at) => `${values},w-20260101T000000000Z,${at + 1}\n`);
  const url = await putCsv(place, name, csv.join(''));
  const { failedQuery = 0 } = await runBatch(place, [createStage(of), copyStage(of, url, place.copyRole)]);
  const errors = await execute(place.warehouse, loadErrorsQuery(failedQuery));
  const [file, line, named] = errors[0]?.map((value) => String(value).trim()) ?? [];
  return {
    url,
    found: { file, line, name: named },
    told: `${JSON.stringify(errors)} of query ${failedQuery}`,
  };
};

/** Of what COPY reads; limits of SUPER differ between https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html and older pages. */
export const COPY_QUESTIONS: readonly Question[] = [
  large(5_000_000),
  large(15_900_000),
  {
    title: 'is U+0001 null where NULL AS says so?',
    rests: 'it can stand in no XML 1.0 document, so that no value is taken for null',
    ...nulls('null_unquoted', STAGED_NULL),
  },
  // No file of ours has it; the local warehouse refuses what the pages leave open.
  {
    title: 'is U+0001 null in quotes too?',
    rests: 'nothing: staged files never have it in quotes',
    ...nulls('null_quoted', `"${STAGED_NULL}"`),
    local: 'no',
  },
  {
    title: 'does the line of a value that COPY could not read count line feeds within quotes?',
    rests:
      'the line of a part file leads to the row: they are counted, and the message says so where there are any',
    answer: 'yes',
    ask: async (place) => {
      const { found, told } = await refusedLine(place, 'bad_line', ['"a\n b",1', 'c,3x']);
      return found.line === '3' ? 'yes' : `no: ${told}`;
    },
  },
  {
    title: 'is the file and line of a value that COPY could not read found by the query of its statement?',
    rests: 'which batch a wrong value is of; without it the batches are halved until one is left',
    answer: 'yes',
    ask: async (place) => {
      const { found, url, told } = await refusedLine(place, 'bad_value', ['a,1', 'b,3x']);
      const isFound =
        found.file === url.replace('.manifest', '.csv.zst') && found.line === '2' && found.name === 'n';
      return isFound ? 'yes' : `no: ${told}`;
    },
  },
];
