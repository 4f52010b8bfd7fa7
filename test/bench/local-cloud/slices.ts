import type { BenchCloud } from './open-bench-cloud.ts';

/** A connections file and a feed that read a server in slices of a day. */
export const sliceFiles = (url: string): Readonly<Record<string, string>> => ({
  'connections.yaml': `slow:
  baseUrl: "${url}"
  limits: { concurrency: 40, idleTimeout: 60s }
`,
  'slow_rows.yaml': `feed: slow_rows
source:
  http:
    connection: slow
    path: /rows
    params: { from: "\${window.from}", to: "\${window.to}" }
    next: { url: /rows/@next }
schedule: rate(1 hour)
window:
  cursor: modified
  start: 2026-01-01T00:00:00Z
  step: 1d
tables:
  slow.rows:
    rows: /rows/row
    disposition: merge
    key: [id]
    columns:
      id: varchar(64) <- @id
      modified: timestamptz <- @modified
`,
});

/** Seconds until what a feed's schedule fires as of a time has ended, loads too. */
const fireAsOf = async ({ cloud }: BenchCloud, at: string): Promise<number> => {
  const schedule = cloud.schedules().find(({ input }) => input.includes('slow_rows'));
  if (schedule === undefined) throw new Error('feed slow_rows has no schedule');
  const startedAt = performance.now();
  await cloud.fireSchedule(schedule.name, new Date(at));
  await cloud.idle();
  const failed = cloud.executions().find(({ status }) => status !== 'SUCCEEDED');
  if (failed !== undefined) throw new Error(`${failed.machine} ended with ${failed.error}: ${failed.cause}`);
  return (performance.now() - startedAt) / 1000;
};

/** One slice of a server that takes 500 ms a page, warm, and eight of them: how much sooner the eight end than one after the other. */
export const measureSlices = async (bench: BenchCloud) => {
  await fireAsOf(bench, '2026-01-02T00:00:00Z');
  const oneSeconds = await fireAsOf(bench, '2026-01-03T00:00:00Z');
  const eightSeconds = await fireAsOf(bench, '2026-01-11T00:00:00Z');
  return { oneSeconds, eightSeconds, timesAsFast: (8 * oneSeconds) / eightSeconds };
};
