import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseKeyIfOurs } from '../../../shared/state/keys.ts';
import type { BenchCloud } from './open-bench-cloud.ts';
import { readProcessorSeconds } from './processes.ts';

export const LANDING_FEED = `feed: readings
source: { s3: {} }
tables:
  plant.readings:
    rows: /plant/reading
    disposition: merge
    key: [meter]
    columns:
      meter: varchar(32) <- @meter
      value: decimal(10,2) <- .
      plant: varchar(64) <- /plant/@name
`;

/** Rows of one file have keys of their own, so that each row of each file is counted in the table. */
const plant = (name: string, rows: number): string => {
  const readings = Array.from(
    { length: rows },
    (_, row) => `  <reading meter="${name}-${row}">${row % 1000}.25</reading>`,
  );
  return `<plant name="${name}">\n${readings.join('\n')}\n</plant>\n`;
};

/** A table that is not there yet has no rows. */
const countRows = async ({ deployment }: BenchCloud): Promise<number> => {
  const { rows } = await deployment
    .query('SELECT count(*) FROM plant.readings')
    .catch(() => ({ rows: [[0]] }));
  return Number(rows[0]?.[0]);
};

const POLL_MS = 250;

/** Lands files at once, as somebody does who copies a folder; seconds until rows of any are in the table, and of all. */
const land = async (bench: BenchCloud, name: string, files: number, rowsPerFile: number) => {
  const path = join(bench.folder, `${name}.xml`);
  const before = await countRows(bench);
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  const putAt = Date.now();
  const put = async (): Promise<void> => {
    for (let file = 0; file < files; file++) {
      await writeFile(path, plant(`${name}-${file}`, rowsPerFile));
      await bench.deployment.shore.upload(`landing/readings/${name}-${file}.xml`, path, putAt);
    }
  };
  const landing = put();
  let first: number | undefined;
  const target = before + files * rowsPerFile;
  for (let count = before; count < target; count = await countRows(bench)) {
    if (count > before) first ??= seconds();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const all = seconds();
  await landing;
  await bench.cloud.idle();
  return { firstSeconds: first ?? all, allSeconds: all, idleSeconds: seconds() };
};

const since = (before: Readonly<Record<string, number>>, files: number) =>
  Object.fromEntries(
    Object.entries(readProcessorSeconds() ?? {}).map(([name, seconds]) => [
      name,
      ((seconds - (before[name] ?? 0)) / files) * 1000,
    ]),
  );

const countLoads = async ({ deployment }: BenchCloud): Promise<number> =>
  (await deployment.records.list('loads/readings/')).keys.filter(
    (key) => parseKeyIfOurs(key)?.kind === 'load',
  ).length;

const countBy = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(names, (name) => name)].map(([name, { length }]) => [name, length] as const).sort(),
  );

/** Files that land at once, of ten rows each, and the processor time a file that each process takes, in milliseconds. */
export const measureBurst = async (bench: BenchCloud, files: number) => {
  const before = readProcessorSeconds() ?? {};
  const known = new Set(bench.cloud.executions().map(({ id }) => id));
  const loads = await countLoads(bench);
  const times = await land(bench, `burst${files}`, files, 10);
  const executions = bench.cloud.executions().filter(({ id }) => !known.has(id));
  return {
    files,
    ...times,
    loads: (await countLoads(bench)) - loads,
    executions: countBy(executions.map(({ machine }) => machine)),
    ends: countBy(executions.map(({ status }) => status)),
    processorMillisecondsPerFile: since(before, files),
  };
};

/** One file of a megabyte, landed at a cloud that is warm. */
export const measureLanding = (bench: BenchCloud) => land(bench, `one${performance.now() | 0}`, 1, 20_000);
