import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { systemClock } from '../../../handlers/adapters/system-clock.ts';
import type { QueryRows } from '../../../handlers/ports/warehouse-query.ts';
import { openLocal } from '../../../infra/cli/deployment/open-deployment.ts';

const COMMAND = resolve(import.meta.dirname, '../../../infra/cli/millrace.js');

/** How a command ended and what it printed. */
export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Whether the machine's own Node starts the command, instead of this process's. */
  readonly byMachinesNode?: boolean;
}

const counts = z.strictObject({
  rows: z.int(),
  staged: z.int(),
  inserted: z.int(),
  updated: z.int(),
  deleted: z.int(),
});

/** The document of `run --json`, as feed-format.md words it, and not one key more. */
export const runDocument = z.strictObject({
  ok: z.boolean(),
  feeds: z.record(
    z.string(),
    z.strictObject({
      batches: z.int(),
      records: z.int(),
      rejects: z.int(),
      bytes: z.int(),
      warnings: z.array(z.string()),
      unchangedSince: z.string().optional(),
      tables: z.record(z.string(), counts),
    }),
  ),
  failures: z.array(
    z.strictObject({
      feed: z.string(),
      batch: z.string(),
      state: z.string(),
      error: z.string(),
      message: z.string(),
    }),
  ),
  warehouse: z.strictObject({ loads: z.int(), wakeUps: z.int() }),
  seconds: z.number(),
});
export type RunDocument = z.infer<typeof runDocument>;

export type Row = Readonly<Record<string, unknown>>;

export interface OpenWarehouse {
  query(sql: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** A user's folder: feed files, data, and the command run in it as a shell does. */
export interface Folder {
  readonly path: string;
  /** Writes a file below the folder; answers its whole path. */
  write(name: string, content: string | Uint8Array): string;
  start(args: readonly string[], options?: CommandOptions): Running;
  millrace(args: readonly string[], options?: CommandOptions): Promise<Ended>;
  /** `run --once --json` with more arguments: the exit status, and what stdout holds. */
  run(
    args?: readonly string[],
    options?: CommandOptions,
  ): Promise<RunDocument & { readonly status: number | null }>;
  /** As the verb of that name asks, in this process. */
  query(sql: string): Promise<readonly Row[]>;
  /** The warehouse, open for many queries and for no run meanwhile: each `query` opens it anew. */
  openWarehouse(): Promise<OpenWarehouse>;
  remove(): void;
}

export const openFolder = (): Folder => {
  const path = mkdtempSync(join(tmpdir(), 'millrace-user-'));
  const children: ChildProcess[] = [];
  const start = (args: readonly string[], options: CommandOptions = {}): Running => {
    const node = options.byMachinesNode === true ? 'node' : process.execPath;
    const child = spawn(node, [COMMAND, ...args], {
      cwd: path,
      env: { ...process.env, PATH: pathWithoutOwnNode(), ...options.env },
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    child.stdin?.end(options.stdin);
    return { child, ended: end(child) };
  };
  const millrace: Folder['millrace'] = (args, options) => start(args, options).ended;
  const openWarehouse = async (): Promise<OpenWarehouse> => {
    const { query, close } = await openLocal(join(path, '.millrace'), {
      signal: new AbortController().signal,
      clock: systemClock,
    });
    return { query: async (sql) => toRows(await query(sql)), close };
  };
  return {
    path,
    write: (name, content) => {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    start,
    millrace,
    run: async (args = [], options = {}) =>
      readRun(await millrace(['run', '--once', '--json', ...args], options)),
    query: async (sql) => {
      const warehouse = await openWarehouse();
      return warehouse.query(sql).finally(warehouse.close);
    },
    openWarehouse,
    remove: () => {
      for (const child of children) child.kill('SIGKILL'); // one that a failed test left
      rmSync(path, { recursive: true, force: true });
    },
  };
};

/** What `run --once --json` ended with. */
export const readRun = ({ status, out, err }: Ended): RunDocument & { readonly status: number | null } => {
  // A run that failed says there what to type next, and nothing else.
  const said = err.replace(/^next: .*\n/, '');
  if (said !== '') throw new Error(`run said on stderr: ${said}`);
  return { ...runDocument.parse(JSON.parse(out)), status };
};

export const toRows = ({ columns, rows }: QueryRows): readonly Row[] =>
  rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));

const end = async (child: ChildProcess): Promise<Ended> => {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the command has no output to read');
  const closed = new Promise<number | null>((done, fail) => child.once('close', done).once('error', fail));
  const [out, err, status] = await Promise.all([text(stdout), text(stderr), closed]);
  return { out, err, status };
};

/** The path without node_modules/.bin, where the pinned Node would be found first. */
const pathWithoutOwnNode = (): string =>
  (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':');
