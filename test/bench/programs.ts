import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TableContract } from '../../shared/model/contract.ts';
import type { BenchDocument } from './documents.ts';
import { pathOf, toFeed } from './feed-of.ts';

/** Programs that write the tables of a document, or a part of them, as whole processes. */

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

/** A document of bench as a file, and the folder for what its programs make. */
export interface Measured {
  readonly name: string;
  readonly document: BenchDocument;
  readonly file: string;
  readonly folder: string;
}

const source = (name: string): string => new URL(`peers/${name}`, import.meta.url).pathname;
const runs = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args).status === 0;

/** The Python that has a module: Debian's packages are for the system's own, which need not be the first one found. */
const findPython = (module: string): string | undefined =>
  ['python3', '/usr/bin/python3'].find((program) => runs(program, '-c', `import ${module}`));

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

/** A Python program's command: it is told the document, its tables, and where to write. */
const toPython = (module: string, program: string, { document, folder, file }: Measured) => {
  const python = findPython(module);
  if (python === undefined) return undefined;
  const tables = join(folder, 'tables.json');
  writeFileSync(tables, JSON.stringify(toTables(document.contract.tables, undefined)));
  return [python, source(program), file, tables, join(folder, module)];
};

/** By name: the command, where the machine has what it needs. */
const PEERS: Readonly<Record<string, (of: Measured) => readonly string[] | undefined>> = {
  'bare expat': ({ folder, file }) => {
    const program = join(folder, 'expat');
    return runs('cc', '-O2', '-o', program, source('expat.c'), '-lexpat') ? [program, file] : undefined;
  },
  StAX: ({ name, folder, file }) =>
    runs('javac', '-d', folder, source('Stax.java'))
      ? ['java', '-cp', folder, 'Stax', name, file, join(folder, 'stax')]
      : undefined,
  lxml: (measured) => toPython('lxml.etree', 'tables.py', measured),
  pandas: (measured) => toPython('pandas', 'frames.py', measured),
};

const toOurs = (millrace: readonly string[], { document, folder, file }: Measured): Program => {
  const feed = join(folder, 'bench.yaml');
  const out = join(folder, 'out');
  writeFileSync(feed, toFeed('bench', document.contract));
  mkdirSync(out, { recursive: true });
  const into = document.contract.tables.length > 1 ? ['--out', out] : [];
  return { name: 'convert', command: [...millrace, 'convert', feed, file, ...into] };
};

/** Our command first, then those of the named programs that the machine has. */
export const toPrograms = (
  millrace: readonly string[],
  peers: readonly string[],
  measured: Measured,
): readonly Program[] => [
  toOurs(millrace, measured),
  ...peers.flatMap((name) => {
    const command = PEERS[name]?.(measured);
    return command === undefined ? [] : [{ name, command }];
  }),
];
