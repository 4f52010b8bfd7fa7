import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../../infra/cli/arguments.ts';
import { readFunctionLogs } from '../../../../infra/cli/logs/read-function-logs.ts';
import { showLogs } from '../../../../infra/cli/logs/show-logs.ts';
import { fakeIo } from '../fake-io.ts';
import { tracedBatches } from '../trace/traced-batch.ts';

const toArguments = (words: readonly string[]) => {
  const line = parseCommandLine(words);
  if (line.kind !== 'verb') throw new Error(`${words.join(' ')} is no verb`);
  return line;
};

const BATCH = 'w-20261128T080000000Z';
const world = tracedBatches([{ name: BATCH, start: '2026-11-28T08:00:00.000Z' }]);

const line = (second: number, message: string, keys: object): string =>
  JSON.stringify({
    ...{ level: 'INFO', message, timestamp: `2026-11-28T08:00:0${second}.000Z`, cold_start: false },
    ...keys,
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-logs-'));
  const slice = { function_name: 'MillracePipeline-FunctionsExtractSliceFunction02B00AE2', feed: 'items' };
  const load = { function_name: 'MillracePipeline-FunctionsPlanLoadFunction7A00D20A', feed: 'items' };
  await writeFile(
    join(folder, 'slice.ndjson'),
    [
      line(3, 'step read', { ...slice, batch: BATCH, correlation: 'items-1', slice: 1, records: 7 }),
      line(4, 'of the next window', { ...slice, batch: 'w-2', correlation: 'items-1' }),
      line(4, 'of another feed', { ...slice, feed: 'other', batch: BATCH }),
      JSON.stringify({ time: '2026-11-28T08:00:04.000Z', type: 'platform.report', requestId: BATCH }),
      `${BATCH} torn`,
    ].join('\n'),
  );
  const loadKey = 'loads/items/2026/11/28/00001';
  await writeFile(
    join(folder, 'load.ndjson'),
    [
      line(6, 'later', { ...load, correlation: loadKey }),
      line(5, 'by its trace', { ...load, trace_id: [...world.traces.keys()][1] }),
    ].join('\n'),
  );
  await writeFile(
    join(folder, 'slice.old.ndjson'),
    line(1, 'no plan', { ...slice, level: 'ERROR', correlation: 'items-1', error: { name: 'E' } }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

const logs = async (...words: string[]) => {
  const io = fakeIo();
  const args = toArguments(['logs', ...words]);
  const { records } = world;
  const readLines = (of: readonly string[]) => readFunctionLogs(folder, of);
  const status = await showLogs(args, io, async () => ({ records, readLines, close: async () => {} }));
  return { status, out: io.out() };
};

describe('logs', () => {
  it('joins the lines of all functions by batch, correlation and trace, in the order of time; 1 where one is an error', async () => {
    const { status, out } = await logs(BATCH);
    expect(status).toBe(1);
    expect(out).toMatchInlineSnapshot(`
      "2026-11-28T08:00:01.000Z  ERROR  ExtractSlice      E: no plan
      2026-11-28T08:00:03.000Z  INFO   ExtractSlice      step read  slice=1  records=7
      2026-11-28T08:00:05.000Z  INFO   PlanLoad          by its trace
      2026-11-28T08:00:06.000Z  INFO   PlanLoad          later
      "
    `);
  });

  it('prints the lines whole as JSON', async () => {
    const { out } = await logs(BATCH, '--json');
    const { lines, ...rest } = JSON.parse(out);
    expect(rest).toEqual({ feed: 'items', batch: BATCH, more: false });
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatchObject({ message: 'step read', records: 7, slice: 1, cold_start: false });
  });

  it('says that there is none', async () => {
    const io = fakeIo();
    const args = toArguments(['logs', BATCH]);
    const readLines = () => readFunctionLogs(join(folder, 'none'), [BATCH]);
    const open = async () => ({ records: world.records, readLines, close: async () => {} });
    expect(await showLogs(args, io, open)).toBe(0);
    expect(io.out()).toBe(`no log line of items ${BATCH} is kept\n`);
  });
});
