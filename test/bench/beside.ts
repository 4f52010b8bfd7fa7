import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS, documentOf } from './documents.ts';
import { readWaitedSeconds } from './local-cloud/processes.ts';
import { median, round } from './numbers.ts';
import { type Measured, type Program, toPrograms } from './programs.ts';

/** `convert` of the built package beside other programs that write the same tables, whole processes in turn over the same file. */

/** Megabytes of each document, and who reads it: lxml where it has the tables without a rule of ours, StAX by code of its own. */
const MEASURED: Readonly<Record<string, readonly [number, ...string[]]>> = {
  workItems: [110, 'bare expat', 'StAX', 'lxml', 'pandas'],
  attributes: [110, 'bare expat', 'StAX', 'lxml'],
  chosen: [15, 'bare expat', 'lxml'],
  extensions: [110, 'bare expat', 'StAX'],
  namespaced: [110, 'bare expat', 'StAX'],
};

const measure = ({ name, command: [program = '', ...args] }: Program) => {
  const before = readWaitedSeconds() ?? 0;
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return { seconds, cpuSeconds: (readWaitedSeconds() ?? 0) - before };
};

/** pandas takes minutes, and is measured once. */
const runsIn = ({ name }: Program, round: number): boolean => round === 0 || name !== 'pandas';

/** Seconds and CPU seconds of each program, and how many times ours they are: medians of programs that ran in turn. */
const compare = (programs: readonly Program[], repeats: number) => {
  const rounds = Array.from({ length: repeats }, (_, round) =>
    programs.map((program) => (runsIn(program, round) ? measure(program) : undefined)),
  );
  const all = programs.map((_, at) => {
    const measured = rounds.flatMap((round) => round[at] ?? []);
    return {
      seconds: median(measured.map(({ seconds }) => seconds)),
      cpuSeconds: median(measured.map(({ cpuSeconds }) => cpuSeconds)),
    };
  });
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

/** Writes a document of bench to a file in a folder of its own. */
const write = (folder: string, name: string, megabytes: number): Measured => {
  const document = DOCUMENTS[name];
  if (document === undefined) throw new Error(`bench has no document ${name}`);
  const own = join(folder, name);
  mkdirSync(own);
  const file = join(own, 'document.xml');
  const out = openSync(file, 'w');
  for (const chunk of documentOf(document, megabytes * 1e6)) writeSync(out, chunk);
  closeSync(out);
  return { name, document, file, folder: own };
};

/** By document. What the machine lacks is left out. */
export const measureBeside = (folder: string, millrace: readonly string[], repeats: number) =>
  Object.fromEntries(
    Object.entries(MEASURED).map(([name, [megabytes, ...peers]]) => {
      const programs = toPrograms(millrace, peers, write(folder, name, megabytes));
      return [name, { megabytes, ...compare(programs, repeats) }];
    }),
  );
