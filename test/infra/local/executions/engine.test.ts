import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskRequest } from '../../../../infra/local/asl/frame.ts';
import { loadDefinition } from '../../../../infra/local/asl/load-machine.ts';
import type { Machine } from '../../../../infra/local/asl/run-machine.ts';
import { StatesError } from '../../../../infra/local/asl/states-error.ts';
import { type Clock, virtualClock } from '../../../../infra/local/clock.ts';
import { createChance } from '../../../../infra/local/executions/chance.ts';
import { toDeliveries } from '../../../../infra/local/executions/deliver.ts';
import { createEngine } from '../../../../infra/local/executions/engine.ts';
import { KEPT_DAYS, KEPT_EXECUTIONS, openJournal } from '../../../../infra/local/executions/journal.ts';
import type { CloudProgress, ExecutionRecord, Faults } from '../../../../infra/local/local-cloud.ts';
import { lambda, machineText, START } from '../asl/run.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Task = (request: TaskRequest, clock: Clock) => Promise<unknown>;

const aMachine = async (name: string): Promise<[string, Machine]> => [
  name,
  {
    name,
    arn: `arn:${name}`,
    roleArn: 'r',
    definition: await loadDefinition(name, machineText({ T: lambda('f') })),
  },
];

const engineOn = async (
  file: string,
  task: Task,
  faults: Faults = {},
  clock: Clock = virtualClock(START),
) => {
  const journal = openJournal(file);
  const progress: CloudProgress[] = [];
  const struck: string[] = [];
  const ended = Promise.withResolvers<void>();
  const machines = new Map(await Promise.all(['M', 'N'].map(aMachine)));
  const engine = createEngine({
    machines: () => machines,
    journal,
    clock,
    chance: createChance(1),
    timeScale: 1,
    withheld: { ms: () => 0 },
    traces: { execution: () => {}, state: () => {}, invocation: () => {} },
    faults: () => faults,
    onStruck: (fault) => struck.push(fault),
    onProgress: (one) => {
      progress.push(one);
      if (one.type === 'execution-ended' && journal.countUnended() === 0) ended.resolve();
    },
    runTask: (request) => task(request, clock),
  });
  return { journal, engine, progress, struck, ended: ended.promise };
};

const delivery = (name: string, machine = 'M') => ({
  id: name,
  name,
  machine,
  trigger: 't',
  input: '{"x":1}',
});
const brief = ({ name, status, starts }: ExecutionRecord) => [name, status, starts];

describe('the engine', () => {
  it('runs each delivery to its end and keeps its history', async () => {
    const { journal, engine, progress, ended } = await engineOn(join(folder, 'j'), async () => ({ rows: 3 }));
    journal.add([delivery('a')]);
    engine.wake();
    expect(engine.busy()).toBe(1);
    await ended;
    expect(journal.all()).toMatchObject([
      {
        name: 'a',
        status: 'SUCCEEDED',
        output: '{"rows":3}',
        startTime: '2026-11-23T12:00:00.000Z',
        starts: 1,
        traceId: expect.stringMatching(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      },
    ]);
    expect(progress.map((one) => one.type)).toEqual([
      'execution-started',
      'state-entered',
      'state-exited',
      'execution-ended',
    ]);
    await engine.close();
    journal.close();
  });

  it('keeps error, cause and the state that failed', async () => {
    const { journal, engine, ended } = await engineOn(join(folder, 'j'), () =>
      Promise.reject(new StatesError('Bad', 'why')),
    );
    journal.add([delivery('a'), delivery('b', 'Gone')]);
    engine.wake();
    await ended;
    expect(journal.all()).toMatchObject([
      { status: 'FAILED', error: 'Bad', cause: 'why', failedState: 'T' },
      { status: 'FAILED', error: 'StateMachineDoesNotExist' },
    ]);
    await engine.close();
    journal.close();
  });

  it('runs at most 16 at once, and the others when there is room', async () => {
    let running = 0;
    let peak = 0;
    const task: Task = async (_request, clock) => {
      peak = Math.max(peak, ++running);
      await clock.sleep(1000);
      running -= 1;
      return null;
    };
    const { journal, engine, ended } = await engineOn(join(folder, 'j'), task);
    journal.add(Array.from({ length: 40 }, (_, i) => delivery(String(i))));
    engine.wake();
    await ended;
    expect([peak, new Set(journal.all().map(({ status }) => status))]).toEqual([16, new Set(['SUCCEEDED'])]);
    await engine.close();
    journal.close();
  });

  it('lets a machine with few deliveries overtake a crowd of another’s, each machine’s own in order', async () => {
    const { journal, engine, progress, ended } = await engineOn(
      join(folder, 'j'),
      async (_request, clock) => {
        await clock.sleep(1000);
        return null;
      },
    );
    journal.add(Array.from({ length: 40 }, (_, i) => delivery(`m${i}`)));
    engine.wake();
    journal.add(Array.from({ length: 4 }, (_, i) => delivery(`n${i}`, 'N')));
    await ended;
    const begun = progress.flatMap((one) => (one.type === 'execution-started' ? [one.execution.name] : []));
    expect(begun.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, i) => `m${i}`));
    expect(begun.slice(16, 20)).toEqual(['n0', 'n1', 'n2', 'n3']);
    expect(begun.slice(20)).toEqual(Array.from({ length: 24 }, (_, i) => `m${16 + i}`));
    await engine.close();
    journal.close();
  });

  it('runs again, by the same name and input, what kill -9 cut off', async () => {
    const file = join(folder, 'j');
    const child = spawn(process.execPath, [
      fileURLToPath(new URL('./engine-process.ts', import.meta.url)),
      file,
    ]);
    const begun: string[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => begun.push(line));
    while (begun.length < 3) await once(lines, 'line');
    child.kill('SIGKILL');
    await once(child, 'close');

    const again: unknown[] = [];
    const { journal, engine, ended } = await engineOn(file, async ({ execution }) => {
      again.push([execution.Execution.Name, execution.Execution.Input]);
      return null;
    });
    engine.wake();
    await ended;
    expect(begun.sort()).toEqual(['a', 'b', 'c']);
    expect(again).toEqual(['a', 'b', 'c'].map((name) => [name, { name }]));
    expect(journal.all().map(brief)).toEqual(['a', 'b', 'c'].map((name) => [name, 'SUCCEEDED', 2]));
    await engine.close();
    journal.close();
  });

  it('ends at once when it is closed, says nothing more, and leaves what ran to be run again', async () => {
    const file = join(folder, 'j');
    const begun = Promise.withResolvers<void>();
    const sleeping = new Set<number>();
    const still: Clock = {
      now: () => START,
      sleep: (ms, signal) => {
        sleeping.add(ms);
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            sleeping.delete(ms);
            reject(signal.reason);
          });
        });
      },
    };
    const hang: Task = () => {
      begun.resolve();
      return new Promise(() => {});
    };
    const first = await engineOn(file, hang, {}, still);
    first.journal.add([delivery('a')]);
    first.engine.wake();
    await begun.promise;
    await first.engine.close();
    first.journal.close();
    expect([...sleeping]).toEqual([]);
    expect(first.progress.map((one) => one.type)).toEqual(['execution-started', 'state-entered']);

    const next = await engineOn(file, async () => null);
    expect(next.journal.all().map(brief)).toEqual([['a', 'RUNNING', 1]]);
    next.engine.wake();
    await next.ended;
    expect(next.journal.all().map(brief)).toEqual([['a', 'SUCCEEDED', 2]]);
    await next.engine.close();
    next.journal.close();
  });

  it('calls nothing more when it was closed in between', async () => {
    let calls = 0;
    const { journal, engine, progress } = await engineOn(join(folder, 'j'), async () => {
      calls += 1;
      return null;
    });
    journal.add([delivery('a')]);
    engine.wake();
    while (progress.at(-1)?.type !== 'state-entered') await Promise.resolve();
    await engine.close();
    expect(calls).toBe(0);
    journal.close();
  });

  it('times out sooner when told to, and a reordering holds each delivery', async () => {
    const faults: Faults = { timeOut: { afterMs: 500 }, reorderWithinMs: 1000 };
    const { journal, engine, struck, ended } = await engineOn(
      join(folder, 'j'),
      () => new Promise(() => {}),
      faults,
    );
    journal.add([delivery('a'), delivery('b')]);
    engine.wake();
    await ended;
    expect(struck.toSorted()).toEqual(['reorderWithinMs', 'reorderWithinMs', 'timeOut', 'timeOut']);
    expect(journal.all()).toMatchObject([
      { status: 'TIMED_OUT', error: 'States.Timeout' },
      { status: 'TIMED_OUT' },
    ]);
    expect(journal.all().some(({ startTime }) => startTime !== new Date(START).toISOString())).toBe(true);
    await engine.close();
    journal.close();
  });
});

describe('a fault', () => {
  it('times out executions of one machine alone, and throttled starts begin later', async () => {
    const faults: Faults = { timeOut: { afterMs: 500, machine: 'M' }, throttleStarts: 0.5 };
    const task: Task = (_, clock) => clock.sleep(1000).then(() => 'done');
    const { journal, engine, struck, ended } = await engineOn(join(folder, 'j'), task, faults);
    journal.add([delivery('a'), delivery('b', 'N'), delivery('c', 'N'), delivery('d', 'N')]);
    engine.wake();
    await ended;
    expect(journal.all().map(({ status }) => status)).toEqual([
      'TIMED_OUT',
      'SUCCEEDED',
      'SUCCEEDED',
      'SUCCEEDED',
    ]);
    expect(struck.filter((fault) => fault === 'timeOut')).toHaveLength(1);
    const later = struck.filter((fault) => fault === 'throttleStarts').length;
    const waited = journal.all().map(({ startTime = '' }) => Date.parse(startTime) - START);
    expect(later).toBeGreaterThan(0);
    expect(waited.reduce((sum, ms) => sum + ms, 0)).toBe(later * 1000);
    await engine.close();
    journal.close();
  });
});

describe('the journal', () => {
  it('takes an event once', () => {
    const journal = openJournal(join(folder, 'j'));
    expect([journal.takeEvent('e', [delivery('a')]), journal.takeEvent('e', [delivery('b')])]).toEqual([
      true,
      false,
    ]);
    expect(journal.all().map(brief)).toEqual([['a', 'DUE', 0]]);
    journal.close();
  });
});

describe('the journal’s limits', () => {
  const DAY_MS = 86_400_000;
  const ending = (at: number) => ({ status: 'SUCCEEDED' as const, stopTime: new Date(at).toISOString() });
  const namesAfter = (ms: number): readonly string[] => {
    const journal = openJournal(join(folder, 'j'), () => START + ms);
    const names = journal.all().map(({ name }) => name);
    journal.close();
    return names;
  };

  it('drop what ended long ago, and nothing that is due or running, however old', () => {
    const journal = openJournal(join(folder, 'j'), () => START);
    journal.takeEvent(
      'e',
      ['old', 'due', 'running', 'young'].map((name) => delivery(name)),
    );
    journal.started('running', new Date(START).toISOString(), 't');
    journal.ended('old', ending(START));
    journal.ended('young', ending(START + 5 * DAY_MS));
    journal.close();
    expect(namesAfter((KEPT_DAYS - 1) * DAY_MS)).toEqual(['old', 'due', 'running', 'young']);
    expect(namesAfter((KEPT_DAYS + 1) * DAY_MS)).toEqual(['due', 'running', 'young']);
    expect(namesAfter((KEPT_DAYS + 9) * DAY_MS)).toEqual(['due', 'running']);
  });

  it('keep the newest of many, and those that have not ended', () => {
    const journal = openJournal(join(folder, 'j'), () => START);
    journal.add(Array.from({ length: KEPT_EXECUTIONS + 3 }, (_, index) => delivery(String(index))));
    journal.close();
    const db = new DatabaseSync(join(folder, 'j'));
    db.exec(`UPDATE executions SET stopTime = '${new Date(START).toISOString()}' WHERE name <> '1'`);
    db.close();
    const names = namesAfter(0);
    expect([names.length, names.slice(0, 2)]).toEqual([KEPT_EXECUTIONS + 1, ['1', '3']]);
  });
});

describe('a delivery', () => {
  it.each([
    [{}, 1, 1],
    [{ duplicateDeliveries: true }, 2, 2],
    [{ runTwice: true }, 2, 1],
    [{ duplicateDeliveries: true, runTwice: true }, 4, 2],
  ] as const)('with the faults %j is %i executions of %i names', (faults, executions, names) => {
    const now = { faults: () => faults, onStruck: () => {} };
    const all = toDeliveries({ machine: 'M', trigger: 't', input: '{}' }, now, createChance());
    expect([new Set(all.map(({ id }) => id)).size, new Set(all.map(({ name }) => name)).size]).toEqual([
      executions,
      names,
    ]);
  });
});
