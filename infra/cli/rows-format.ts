import { UsageError } from './command-io.ts';

/** How query results are printed. */

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** Numbers that a double cannot hold exactly, and all decimals, are text. */
export type Value = string | number | boolean | null;

export const FORMATS = ['table', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** Prints rows; each format ends with a line end. Throws UsageError where JSON would lose one of two columns of one name. */
export const formatRows = (rows: Rows, format: Format): string => {
  if (format === 'csv') return toCsv(rows);
  return format === 'json' ? toJson(rows) : toTable(rows);
};

/** RFC 4180 with a header; null is an unquoted `\N`, a text that is `\N` is quoted. */
const toCsv = ({ columns, rows }: Rows): string =>
  [columns, ...rows]
    .map((row: readonly Value[]) => `${row.map((value) => toCsvField(value)).join(',')}\n`)
    .join('');

const toCsvField = (field: Value): string => {
  if (field === null) return '\\N';
  const value = String(field);
  return value === '' || value === '\\N' || /[",\r\n]|^\s|\s$/.test(value)
    ? `"${value.replaceAll('"', '""')}"`
    : value;
};

const toJson = ({ columns, rows }: Rows): string => {
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined)
    throw new UsageError(
      `two columns are named ${twice}, allowed in JSON names that differ: write AS and another name, or --format csv`,
    );
  const objects = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])));
  return `${JSON.stringify(objects, null, 2)}\n`;
};

const CELL_MAX = 40;

/** A table for people: control characters shown as spaces, long values cut, numbers to the right. */
export const toTable = (
  { columns, rows }: Rows,
  columnsWide = Number.POSITIVE_INFINITY,
  cellMax = CELL_MAX,
): string => {
  const cells = rows.map((row) => row.map((value) => toCell(value, cellMax)));
  const widths = columns.map((name, i) => Math.max(width(name), ...cells.map((row) => width(row[i] ?? ''))));
  const shown = columns.map((_, i) => i).filter((_, i) => sum(widths.slice(0, i + 1)) + 2 * i <= columnsWide);
  const isNumber = columns.map(
    (_, i) => rows.length > 0 && rows.every((row) => /^-?\d+(\.\d+)?$/.test(String(row[i] ?? '0'))),
  );
  const toLine = (row: readonly string[]): string =>
    shown
      .map((i) => pad(row[i] ?? '', widths[i] ?? 0, isNumber[i] === true))
      .join('  ')
      .trimEnd();
  const rule = shown.map((i) => '─'.repeat(widths[i] ?? 0)).join('  ');
  const more = shown.length < columns.length ? [`… and ${columns.slice(shown.length).join(', ')}`] : [];
  return `${[toLine(columns), rule, ...cells.map(toLine), ...more].join('\n')}\n`;
};

/** Columns that a wrapped one keeps, however narrow the terminal is. */
const NARROWEST = 8;
const GAP = 2;

/** The same table, whose longer cells take several lines each where it would be wider than the terminal: no column is left out. */
export const toWrapped = ({ columns, rows }: Rows, columnsWide: number, cellMax = CELL_MAX): string => {
  const cells = rows.map((row) => row.map((value) => toCell(value, cellMax)));
  const widths = columns.map((name, i) => Math.max(width(name), ...cells.map((row) => width(row[i] ?? ''))));
  const room = columnsWide - GAP * (columns.length - 1);
  let most = Math.max(...widths, NARROWEST);
  while (most > NARROWEST && sum(widths.map((one) => Math.min(one, most))) > room) most -= 1;
  const wrapped = cells.flatMap((row) => {
    const parts = row.map((cell) => wrap(cell, most));
    const lines = Math.max(...parts.map(({ length }) => length));
    return Array.from({ length: lines }, (_, n) => parts.map((part) => part[n] ?? ''));
  });
  return toTable({ columns, rows: wrapped }, Number.POSITIVE_INFINITY, cellMax);
};

/** Lines of a text, each so wide at most: cut behind a space where there is one in its last half, else in the middle of a word. */
const wrap = (text: string, most: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const character of text) {
    if (width(line + character) > most) {
      const space = line.lastIndexOf(' ');
      const end = character !== ' ' && space >= most / 2 ? space + 1 : line.length;
      lines.push(line.slice(0, end).trimEnd());
      line = line.slice(end).trimStart();
    }
    if (line !== '' || character !== ' ') line += character;
  }
  return [...lines, line];
};

const toCell = (value: Value, most: number): string => {
  if (value === null) return '∅';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go, lest a value steer the terminal
  const text = String(value).replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Columns that a text takes on a terminal: East Asian wide characters and emoji take two. */
const width = (text: string): number => [...text].reduce((total, c) => total + (WIDE.test(c) ? 2 : 1), 0);
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;

const pad = (text: string, columns: number, isRight: boolean): string => {
  const space = ' '.repeat(Math.max(0, columns - width(text)));
  return isRight ? space + text : text + space;
};
