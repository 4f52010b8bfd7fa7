import { describe, expect, it } from 'vitest';
import { type CallService, signedCalls } from '../../../../infra/cli/deployment/signed-call.ts';
import { readCloudWatchLogs, toPatterns } from '../../../../infra/cli/logs/cloudwatch-logs.ts';
import { readXrayTraces } from '../../../../infra/cli/trace/xray-traces.ts';
import { verifySignatures } from '../../../../infra/local/iam/authenticate.ts';
import { sha256Hex } from '../../../../infra/local/iam/signing-key.ts';
import { ServiceRefused, ServiceUnavailable } from '../../../../shared/errors.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const NOW = Date.parse('2026-11-28T08:00:00Z');

const caller = (answer: (url: string, request: RequestInit) => Response) => {
  const sent: { readonly url: string; readonly request: RequestInit }[] = [];
  const call = signedCalls({
    region: 'eu-central-1',
    keys: async () => KEYS,
    now: () => NOW,
    signal: new AbortController().signal,
    send: async (url, request) => {
      sent.push({ url, request });
      return answer(url, request);
    },
  });
  return { call, sent };
};

describe('a signed call', () => {
  it('is one that Signature Version 4 verifies, with its body and its session token', async () => {
    const { call, sent } = caller(() => Response.json({ ok: true }));
    const target = 'Logs_20140328.FilterLogEvents';
    expect(await call({ service: 'logs', path: '/', target, input: { a: 'é' } })).toEqual({ ok: true });
    const [{ url, request } = { url: '', request: {} }] = sent;
    expect(url).toBe('https://logs.eu-central-1.amazonaws.com/');
    const headers: Record<string, string> = {
      ...Object.fromEntries(new Headers(request.headers)),
      host: new URL(url).host,
    };
    const verify = verifySignatures({
      table: { keys: { AKIDEXAMPLE: { ...KEYS } }, roles: {}, buckets: {} } as never,
      region: 'eu-central-1',
      service: 'logs',
      now: () => NOW,
    });
    const presented = (body: string) => ({
      request: {
        method: 'POST',
        headers,
        headersDistinct: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      },
      path: '/',
      query: new URLSearchParams(),
      payloadHash: sha256Hex(Buffer.from(body)),
    });
    expect(() => verify(presented('{"a":"é"}'))).not.toThrow();
    expect(() => verify(presented('{"a":"e"}'))).toThrow(/signature/);
  });

  it('tells a refusal from what passes', async () => {
    const call = { service: 'xray', path: '/Traces', input: {} };
    const answering = (status: number) => caller(() => new Response('no', { status })).call(call);
    await expect(answering(403)).rejects.toThrow(new ServiceRefused('xray /Traces answered 403: no'));
    await expect(answering(429)).rejects.toThrow(ServiceUnavailable);
    await expect(answering(503)).rejects.toThrow(ServiceUnavailable);
    const down = caller(() => {
      throw new TypeError('fetch failed');
    });
    await expect(down.call(call)).rejects.toThrow(/xray \/Traces cannot be reached/);
  });
});

describe('traces of X-Ray', () => {
  const id = (n: number): string => `1-6b0aff62-${String(n).padStart(24, '0')}`;

  it('are asked for five at a time, page by page, and given in the order of their ids', async () => {
    const asked: unknown[] = [];
    const call: CallService = async ({ input }) => {
      asked.push(input);
      const { TraceIds, NextToken } = input as { TraceIds: string[]; NextToken?: string };
      const Document = JSON.stringify({ id: NextToken ?? 'first', name: 's', start_time: 1, end_time: 2 });
      const Traces = TraceIds.filter((one) => one !== id(2)).map((Id) => ({ Id, Segments: [{ Document }] }));
      return { Traces, NextToken: TraceIds.length === 5 && NextToken === undefined ? 'more' : null };
    };
    const found = await readXrayTraces(call)([1, 2, 3, 4, 5, 6].map(id));
    expect(asked).toMatchObject([
      { TraceIds: [1, 2, 3, 4, 5].map(id) },
      { TraceIds: [1, 2, 3, 4, 5].map(id), NextToken: 'more' },
      { TraceIds: [id(6)] },
    ]);
    expect(found.map((one) => one.map((segment) => [segment.trace_id, segment.id]))).toEqual([
      ...[1, 3, 4, 5].map((n) => [
        [id(n), 'first'],
        [id(n), 'more'],
      ]),
      [[id(6), 'first']],
    ]);
  });
});

describe('logs of CloudWatch', () => {
  it('are of each log group below the prefix, page by page, each line once', async () => {
    const asked: unknown[] = [];
    const call: CallService = async ({ target, input }) => {
      asked.push({ target, input });
      if (target?.endsWith('DescribeLogGroups'))
        return { logGroups: [{ logGroupName: 'g-1' }, { logGroupName: 'g-2' }] };
      const { logGroupName, nextToken } = input as { logGroupName: string; nextToken?: string };
      const message = `${logGroupName} ${nextToken ?? 'first'}\n`;
      return { events: [{ message }, { message }], nextToken: nextToken === undefined ? 'more' : undefined };
    };
    const lines: string[] = [];
    const of = { prefix: 'MillracePipeline-Functions', words: ['w-1', 'items-1'], sinceMs: NOW };
    for await (const line of readCloudWatchLogs(call, of)) lines.push(line);
    expect(lines).toEqual(['g-1 first', 'g-1 more', 'g-2 first', 'g-2 more']);
    expect(asked[0]).toEqual({
      target: 'Logs_20140328.DescribeLogGroups',
      input: { logGroupNamePrefix: 'MillracePipeline-Functions' },
    });
    expect(asked[1]).toMatchObject({ input: { filterPattern: '?"w-1" ?"items-1"', startTime: NOW } });
  });

  it('are asked for by patterns of 1,024 characters at most, with each word', () => {
    const words = Array.from({ length: 60 }, (_, i) => `1-6b0aff62-${String(i).padStart(24, '0')}`);
    const patterns = toPatterns(words);
    expect(patterns.length).toBeGreaterThan(1);
    for (const pattern of patterns) expect(pattern.length).toBeLessThanOrEqual(1_024);
    expect(patterns.join(' ').split(' ')).toEqual(words.map((word) => `?"${word}"`));
  });
});
