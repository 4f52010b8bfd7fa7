import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ColumnContract, ColumnType, Contract, TableContract } from '../../shared/model/contract.ts';
import { type BenchDocument, DOCUMENTS, documentOf } from './documents.ts';
import { readWaitedSeconds } from './local-cloud/processes.ts';
import { findPython } from './peers.ts';

/** `convert` of the built package beside other programs that write the same tables, whole processes in turn over the same file. */

/** Documents whose tables lxml writes without a rule of ours, and how many megabytes each has. */
const MEGABYTES: Readonly<Record<string, number>> = { workItems: 110, attributes: 110, chosen: 15 };

interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = (name: string): string => new URL(`peers/${name}`, import.meta.url).pathname;
const round = (n: number): number => Math.round(n * 100) / 100;
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

const printType = (type: ColumnType): string => {
  if (type.kind === 'varchar') return `varchar(${type.length})`;
  return type.kind === 'decimal' ? `decimal(${type.precision}, ${type.scale})` : type.kind;
};

const pathOf = ({ source: of }: ColumnContract): string => (of.kind === 'path' ? of.path : '');

/** The feed file that comes to the contract: child rows have their parent's first column besides. */
const toFeed = ({ tables: [top, ...others] }: Contract): string => {
  const key = top?.columns[0]?.name;
  const printed = [top, ...others].flatMap((table) => {
    if (table === undefined) return [];
    const columns = table.columns.map(
      (column) => `      ${column.name}: ${printType(column.type)} <- ${pathOf(column)}`,
    );
    const stands = table === top ? `    key: [${key}]` : `    parent: { of_${key}: ${key} }`;
    const disposition = table === top ? ['    disposition: merge'] : [];
    return [
      `  bench.${table.name}:`,
      `    rows: ${table.rows}`,
      ...disposition,
      stands,
      '    columns:',
      ...columns,
    ];
  });
  return ['feed: bench', 'source: { s3: {} }', 'tables:', ...printed, ''].join('\n');
};

/** The tables as lxml's program wants them. */
const toTables = (tables: readonly TableContract[], parent: string | undefined): object[] =>
  tables
    .filter((table) => table.parent?.table === parent)
    .map((table) => ({
      name: table.name,
      tag: table.rows.split('/').at(-1),
      columns: table.columns.map((column) => pathOf(column)),
      children: toTables(tables, table.table),
    }));

/** The programs that the machine has, ours first. */
const toPrograms = (folder: string, { contract }: BenchDocument, file: string): readonly Program[] => {
  const feed = join(folder, 'bench.yaml');
  const tables = join(folder, 'tables.json');
  writeFileSync(feed, toFeed(contract));
  writeFileSync(tables, JSON.stringify(toTables(contract.tables, undefined)));
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  const millrace = [process.execPath, join(folder, COMMAND), 'convert', feed, file];
  const python = findPython('lxml.etree');
  const expat = join(folder, 'bare');
  const hasExpat = spawnSync('cc', ['-O2', '-o', expat, source('expat.c'), '-lexpat']).status === 0;
  const hasJava = spawnSync('javac', ['-d', folder, source('Stax.java')]).status === 0;
  return [
    { name: 'convert', command: contract.tables.length > 1 ? [...millrace, '--out', out] : millrace },
    ...(hasExpat ? [{ name: 'bare expat', command: [expat, file] }] : []),
    ...(python === undefined
      ? []
      : [{ name: 'lxml', command: [python, source('tables.py'), file, tables, join(folder, 'lxml')] }]),
    ...(hasJava && contract === DOCUMENTS.workItems?.contract
      ? [{ name: 'StAX', command: ['java', '-cp', folder, 'Stax', file, join(folder, 'stax')] }]
      : []),
  ];
};

const COMMAND = 'infra/cli/millrace.js';

/** Puts the built package into a folder, as npm does. */
const install = (folder: string): void => {
  execFileSync(process.execPath, [join(root, 'infra/package/build.ts')], { stdio: 'ignore' });
  for (const part of ['dist', 'package.json', COMMAND])
    cpSync(join(root, part), join(folder, part), { recursive: true });
};

const measure = ({ name, command: [program = '', ...args] }: Program) => {
  const before = readWaitedSeconds() ?? 0;
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return { seconds, cpuSeconds: (readWaitedSeconds() ?? 0) - before };
};

/** Seconds and CPU seconds of each program, and how many times ours they are: medians of programs that ran in turn. */
const compare = (programs: readonly Program[], repeats: number) => {
  const rounds = Array.from({ length: repeats }, () => programs.map((program) => measure(program)));
  const all = programs.map((_, at) => ({
    seconds: median(rounds.map((round) => round[at]?.seconds ?? 0)),
    cpuSeconds: median(rounds.map((round) => round[at]?.cpuSeconds ?? 0)),
  }));
  const [ours = { seconds: 1, cpuSeconds: 1 }] = all;
  return Object.fromEntries(
    all.map(({ seconds, cpuSeconds }, at) => [
      programs[at]?.name,
      {
        seconds: round(seconds),
        cpuSeconds: round(cpuSeconds),
        timesOurs: round(seconds / ours.seconds),
        cpuTimesOurs: round(cpuSeconds / ours.cpuSeconds),
      },
    ]),
  );
};

/** By document. What the machine lacks is left out. */
export const measureBeside = (folder: string, repeats: number) => {
  install(folder);
  return Object.fromEntries(
    Object.entries(MEGABYTES).flatMap(([name, megabytes]) => {
      const document = DOCUMENTS[name];
      if (document === undefined) return [];
      const file = join(folder, `beside-${name}.xml`);
      const out = openSync(file, 'w');
      for (const chunk of documentOf(document, megabytes * 1e6)) writeSync(out, chunk);
      closeSync(out);
      return [[name, { megabytes, ...compare(toPrograms(folder, document, file), repeats) }]];
    }),
  );
};
