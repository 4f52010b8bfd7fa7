import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAsyncInvocations } from '../../../../infra/local/executions/async-invocations.ts';
import { createChance } from '../../../../infra/local/executions/chance.ts';
import { openJournal } from '../../../../infra/local/executions/journal.ts';
import type { Call } from '../../../../infra/local/lambda/pool.ts';
import { manualClock } from '../../../fakes/manual-clock.ts';

const CALL = { functionArn: 'arn:f', payload: '{}', traceId: 't', parent: 'p' };

/** A function whose first invocations fail. */
const setUp = (failures: number, file = ':memory:') => {
  const journal = openJournal(file);
  onTestFinished(journal.close);
  const calls: Call[] = [];
  const clock = manualClock(0);
  const timing = { queuedAt: 0, startedAt: 0, endedAt: 0 };
  const invocations = createAsyncInvocations({
    pool: {
      invoke: async (call) => {
        calls.push(call);
        return calls.length > failures
          ? { status: 'success', payload: 'null', timing }
          : { status: 'error', errorType: 'E', cause: '{}', timing };
      },
    },
    traces: { execution: () => {}, state: () => {}, invocation: () => {} },
    chance: createChance(1),
    clock,
    journal,
    timeScale: 1,
  });
  const callsAfter = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
    return calls.length;
  };
  return { invocations, calls, callsAfter };
};

describe('an asynchronous invocation', () => {
  it('is tried again a minute and two minutes after it failed, under one request id, then dropped', async () => {
    const { invocations, calls, callsAfter } = setUp(5);
    invocations.start(CALL);
    expect(invocations.inFlight()).toBe(1);
    expect([await callsAfter(0), await callsAfter(59_999), await callsAfter(1)]).toEqual([1, 1, 2]);
    expect([await callsAfter(119_999), await callsAfter(1), await callsAfter(600_000)]).toEqual([2, 3, 3]);
    expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(1);
    expect(invocations.inFlight()).toBe(0);
  });

  it('that succeeds is not tried again', async () => {
    const { invocations, callsAfter } = setUp(0);
    invocations.start(CALL);
    expect([await callsAfter(0), await callsAfter(600_000)]).toEqual([1, 1]);
    expect(invocations.inFlight()).toBe(0);
  });

  it('goes on when the cloud is started again, under its request id', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'calls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'journal.sqlite');
    const first = setUp(5, file);
    first.invocations.start(CALL);
    await first.callsAfter(0);
    first.invocations.close();
    expect(await first.callsAfter(600_000)).toBe(1);
    expect(first.invocations.inFlight()).toBe(0);
    const second = setUp(0, file);
    expect(second.invocations.inFlight()).toBe(1);
    expect(await second.callsAfter(0)).toBe(1);
    expect(second.calls[0]?.requestId).toBe(first.calls[0]?.requestId);
    expect(setUp(0, file).invocations.inFlight()).toBe(0);
  });
});
