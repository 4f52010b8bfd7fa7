import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startCollector, type TraceCollector } from '../../../../infra/local/xray/collector.ts';
import type { Segment } from '../../../../infra/local/xray/segment.ts';
import { durationMs, subsegmentTimes, walkTrace } from '../../../../infra/local/xray/trace-tree.ts';

const TRACE = '1-00000000-000000000000000000000001';

const collect = async (dir?: string): Promise<{ collector: TraceCollector; dir: string }> => {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'millrace-xray-'));
  if (dir === undefined) onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const collector = await startCollector({ dir: folder });
  onTestFinished(() => collector.close().catch(() => {}));
  return { collector, dir: folder };
};

const send = async (address: string, ...texts: string[]): Promise<void> => {
  const socket = createSocket('udp4');
  const [host = '', port = ''] = address.split(':');
  for (const text of texts) {
    await new Promise<void>((resolve, reject) =>
      socket.send(text, Number(port), host, (cause) => (cause ? reject(cause) : resolve())),
    );
  }
  socket.close();
};

const datagram = (document: object): string => `{"format":"json","version":1}\n${JSON.stringify(document)}`;

const node = (
  id: string,
  name: string,
  start: number,
  end: number | undefined,
  more: object = {},
): Segment => ({
  id,
  name,
  trace_id: TRACE,
  start_time: start,
  ...(end === undefined ? { in_progress: true } : { end_time: end }),
  ...more,
});

test('keeps what the real tracer sends, with its subsegments and annotations', async () => {
  const { collector } = await collect();
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'traced.ts')], {
    env: {
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'extract',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_XRAY_DAEMON_ADDRESS: collector.address,
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      _X_AMZN_TRACE_ID: `Root=${TRACE};Parent=00000000000000aa;Sampled=1`,
    },
  });
  const names = () =>
    collector
      .readTrace(TRACE)
      .flatMap(walkTrace)
      .map((one) => one.name);
  await expect.poll(() => names().sort()).toEqual(['## index.handler', 'parse', 'read']);
  const found = collector.slowest((one) => one.name === '## index.handler');
  expect(found?.traceId).toBe(TRACE);
  expect(found?.node.children.map((child) => [child.name, child.annotations])).toEqual([
    ['read', { rows: 7 }],
    ['parse', { rows: 7 }],
  ]);
  expect(collector.malformed().count).toBe(0);
});

test('builds a tree from segments in any order, nested or sent on their own', async () => {
  const { collector } = await collect();
  collector.record(node('c', 'upload', 3, 4, { parent_id: 'b', type: 'subsegment' }));
  collector.record(
    node('b', 'extract', 1, 5, {
      parent_id: 'a',
      subsegments: [{ id: 'd', name: 'read', start_time: 2, end_time: 3 }],
    }),
  );
  collector.record(node('b', 'extract', 1, undefined, { parent_id: 'a' }));
  collector.record(node('a', 'machine', 0, 6));
  const [root, ...others] = collector.readTrace(TRACE);
  expect(others).toEqual([]);
  expect(root?.name).toBe('machine');
  expect(root?.children.map((one) => [one.name, durationMs(one)])).toEqual([['extract', 4000]]);
  expect(root?.children[0]?.children.map((one) => one.name)).toEqual(['read', 'upload']);
});

test('sums the times inside the slowest of several invocations by name', async () => {
  const { collector } = await collect();
  const slice = (id: string, end: number) =>
    node(id, 'ExtractSlice', 0, end, {
      subsegments: [
        { id: `${id}1`, name: 'read', start_time: 0, end_time: 1 },
        { id: `${id}2`, name: 'parse', start_time: 1, end_time: end },
        { id: `${id}3`, name: 'read', start_time: 1, end_time: 2 },
      ],
    });
  collector.record({ ...slice('a', 4), trace_id: '1-00000000-000000000000000000000002' });
  collector.record(slice('b', 9));
  const found = collector.slowest((one) => one.name === 'ExtractSlice');
  expect(found?.traceId).toBe(TRACE);
  expect(found && subsegmentTimes(found.node)).toEqual([
    { name: 'parse', count: 1, totalMs: 8000 },
    { name: 'read', count: 2, totalMs: 2000 },
  ]);
});

test('still has its traces after a restart, but for a torn last line', async () => {
  const first = await collect();
  first.collector.record(node('a', 'machine', 0, 6));
  await first.collector.close();
  const [file = ''] = readdirSync(first.dir);
  appendFileSync(join(first.dir, file), '{"id":"b","na');
  const second = await collect(first.dir);
  expect(second.collector.readTrace(TRACE).map((one) => one.name)).toEqual(['machine']);
});

test('counts datagrams that are no segments, and says of the first what is wrong', async () => {
  const { collector } = await collect();
  const good = datagram(node('a', 'fine', 0, 1));
  await send(
    collector.address,
    'nonsense',
    datagram({ id: 'x' }),
    datagram({ ...node('y', 'n', 0, 1), trace_id: '../../x' }),
    good,
  );
  await expect.poll(() => collector.readTrace(TRACE)).toHaveLength(1);
  expect(collector.malformed()).toEqual({ count: 3, problem: expect.stringContaining('nonsense') });
});

test('samples everything when the SDK asks, and refuses other requests', async () => {
  const { collector } = await collect();
  const ask = (path: string) => fetch(`http://${collector.address}${path}`, { method: 'POST', body: '{}' });
  const rules = await (await ask('/GetSamplingRules')).json();
  expect(rules).toMatchObject({ SamplingRuleRecords: [{ SamplingRule: { FixedRate: 1 } }] });
  expect((await ask('/SamplingTargets')).status).toBe(200);
  expect((await ask('/PutTraceSegments')).status).toBe(501);
});
