import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { TaskRequest } from '../../infra/local/asl/frame.ts';
import { StatesError } from '../../infra/local/asl/states-error.ts';
import { nameBatches } from '../../shared/state/events.ts';
import type { ParkLoadOutput } from '../../shared/state/messages.ts';
import { runText } from './local/asl/run.ts';
import { machinesOf, synthesized } from './synthesized.ts';

const machines = machinesOf(synthesized().pipeline);

const thread = { feed: 'work_items', loadKey: 'loads/work_items/x.json', invocation: 1, correlation: 'x' };
const failed: Pick<ParkLoadOutput, 'feed' | 'loadKey' | 'error' | 'cause'> = {
  feed: 'work_items',
  loadKey: thread.loadKey,
  error: 'ServiceUnavailable',
  cause: 'it is away',
};

const putEvents = z.object({ Entries: z.array(z.object({ DetailType: z.string(), Detail: z.unknown() })) });

/** Runs a machine whose load fails and whose ParkLoad answers so; the events put, and how it ended. */
const giveUp = async (machine: RegExp, parked: ParkLoadOutput) => {
  const { definition } = machines.find(({ id }) => machine.test(id)) ?? {};
  const answers: Readonly<Record<string, () => unknown>> = {
    PlanLoad: () => ({ Payload: { outcome: 'planned', thread } }),
    SubmitLoad: () => ({ Payload: { isUnprepared: true } }),
    PrepareWarehouse: () => {
      throw new StatesError('ServiceUnavailable', 'it is away');
    },
    DescribeLoad: () => ({
      Payload: { outcome: 'failed', thread, culprits: [], isDataError: false, error: { Error: 'x' } },
    }),
    ParkLoad: () => ({ Payload: parked }),
  };
  const events: unknown[] = [];
  const task = async ({ path, arguments: args }: TaskRequest): Promise<unknown> => {
    const answer = answers[path];
    if (answer !== undefined) return answer();
    events.push(args);
    return { FailedEntryCount: 0, Entries: [{}] };
  };
  const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
  const { result } = await runText(text, { input: {}, task });
  const entries = z
    .array(putEvents)
    .parse(events)
    .flatMap(({ Entries }) => Entries);
  return {
    status: result.status,
    types: entries.map(({ DetailType }) => DetailType),
    details: entries.map(({ Detail }) => Detail),
    error: 'error' in result ? result.error : undefined,
  };
};

describe.each([/^LoadMachine/, /^SettleLoadMachine/])('a load that failed in %s', (machine) => {
  it('starts no next load and fails by name while it waits for what passes', async () => {
    expect(await giveUp(machine, { ...failed, outcome: 'waiting', parked: [] })).toMatchObject({
      status: 'FAILED',
      types: [],
      error: { error: 'ServiceUnavailable', text: 'it is away' },
    });
  });

  it('starts the next load and succeeds while the batch at fault is looked for, or when all was loaded', async () => {
    for (const outcome of ['isolate', 'loaded'] as const) {
      expect(await giveUp(machine, { ...failed, outcome, parked: [] })).toMatchObject({
        status: 'SUCCEEDED',
        types: ['LoadNext'],
      });
    }
  });

  it('tells of what is parked, starts the next load and fails', async () => {
    const { feed, loadKey, error, cause } = failed;
    const batches = nameBatches(['w-1']);
    const counts = { records: 3, staged: { 'ewm.work_items': 2 }, rejected: 1 };
    const told = {
      loadFailed: { feed, loadKey, error, cause, batches, parked: batches, counts },
      batchParked: { feed, loadKey, error, cause, batches, state: 'Load' },
    };
    expect(await giveUp(machine, { ...failed, outcome: 'parked', parked: ['w-1'], told })).toEqual({
      status: 'FAILED',
      types: ['LoadNext', 'LoadFailed', 'BatchParked'],
      details: [{ feed }, told.loadFailed, told.batchParked],
      error: expect.objectContaining({ error: 'ServiceUnavailable', text: 'it is away' }),
    });
  });
});

describe('a load of its first try', () => {
  const { definition } = machines.find(({ id }) => id.startsWith('LoadMachine')) ?? {};
  const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
  /** What ran, with what of its input. */
  const run = async (isPrepared: boolean) => {
    const ran: unknown[] = [];
    const task = async ({ path, arguments: args }: TaskRequest): Promise<unknown> => {
      const { Payload } = z.object({ Payload: z.record(z.string(), z.unknown()) }).parse(args);
      ran.push([path, Object.keys(Payload), Payload.prepared]);
      if (path === 'PlanLoad') return { Payload: { outcome: 'planned', thread } };
      if (path === 'PrepareWarehouse') return { Payload: { statements: 4 } };
      const isSubmitted = isPrepared || Payload.prepared !== undefined;
      return { Payload: isSubmitted ? { statementId: 'x' } : { isUnprepared: true } };
    };
    const { result } = await runText(text, { input: {}, task });
    expect(result.status).toBe('SUCCEEDED');
    return ran.slice(1);
  };

  it('is submitted without PrepareWarehouse where the warehouse is prepared', async () => {
    expect(await run(true)).toEqual([['SubmitLoad', ['thread'], undefined]]);
  });

  it('has the warehouse prepared where SubmitLoad asks for it, and is submitted with what that found', async () => {
    expect(await run(false)).toEqual([
      ['SubmitLoad', ['thread'], undefined],
      ['PrepareWarehouse', ['thread'], undefined],
      ['SubmitLoad', ['thread', 'prepared'], { statements: 4 }],
    ]);
  });
});

describe('a load that is tried again', () => {
  it('finds the warehouse prepared anew: a target may have been dropped since', async () => {
    const { definition } = machines.find(({ id }) => id.startsWith('SettleLoadMachine')) ?? {};
    const ran: string[] = [];
    const task = async ({ path }: TaskRequest): Promise<unknown> => {
      ran.push(path);
      const next = { ...thread, invocation: 2 };
      return { Payload: { outcome: 'retry', thread: next, waitSeconds: 5, message: 'away' } };
    };
    const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
    const { result } = await runText(text, { input: {}, task });
    expect(ran).toEqual(['DescribeLoad', 'PrepareWarehouse', 'SubmitLoad']);
    expect(result.status).toBe('SUCCEEDED');
  });
});

describe('an extraction whose batch was parked', () => {
  const parked = { feed: 'drops', batches: nameBatches(['f-1']), state: 'PlanBatch', error: 'x', cause: 'y' };
  const told = { error: 'XmlMalformed', cause: 'line 3', isParked: true, parked };
  const { definition } = machines.find(({ id }) => id.startsWith('ExtractMachine')) ?? {};
  const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
  const run = async (put: () => unknown) => {
    const events: unknown[] = [];
    const task = async ({ path, arguments: args }: TaskRequest): Promise<unknown> => {
      if (path === 'PlanBatch') throw new StatesError('XmlMalformed', 'line 3');
      if (path === 'RecordFailure') return { Payload: told };
      events.push(args);
      return put();
    };
    const { result } = await runText(text, { input: {}, task });
    return { events, error: 'error' in result ? result.error : undefined };
  };
  const failed = { error: 'XmlMalformed', text: 'line 3' };

  it('tells so, and fails by its own error', async () => {
    const { events, error } = await run(() => ({ FailedEntryCount: 0, Entries: [{}] }));
    expect(putEvents.parse(events[0]).Entries).toMatchObject([{ DetailType: 'BatchParked', Detail: parked }]);
    expect(error).toMatchObject(failed);
  });

  it('fails by its own error too when the bus does not take the event', async () => {
    const { error } = await run(() => {
      throw new StatesError('EventBridge.FailedEntry', 'away');
    });
    expect(error).toMatchObject(failed);
  });
});

describe('an extraction whose failure could not be recorded', () => {
  const { definition } = machines.find(({ id }) => id.startsWith('ExtractMachine')) ?? {};
  const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
  const run = async (plan: StatesError) => {
    const task = async ({ path }: TaskRequest): Promise<unknown> => {
      if (path === 'PlanBatch') throw plan;
      throw new StatesError('Lambda.TooManyRequestsException', 'Rate Exceeded');
    };
    const { result } = await runText(text, { input: {}, task });
    return 'error' in result ? result.error : undefined;
  };

  it('fails by the error that was to be recorded', async () => {
    const error = await run(new StatesError('XmlMalformed', 'line 3'));
    expect(error).toMatchObject({ error: 'XmlMalformed', text: 'line 3' });
  });

  it('fails by it too where that has no cause', async () => {
    const error = await run(new StatesError('States.Timeout'));
    expect(error).toMatchObject({
      error: 'States.Timeout',
      text: 'PlanBatch failed, and no cause was told',
    });
  });
});

describe('an end of a statement that no record names', () => {
  it('is asked for again, and is no failure of this deployment when it is of another', async () => {
    const { definition } = machines.find(({ id }) => id.startsWith('SettleLoadMachine')) ?? {};
    const ran: string[] = [];
    const task = async ({ path }: TaskRequest): Promise<unknown> => {
      ran.push(path);
      throw new StatesError('SubmissionUnknown', 'no record names it');
    };
    const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
    const { result } = await runText(text, { input: {}, task });
    expect(result.status).toBe('SUCCEEDED');
    expect(ran).toEqual(Array.from({ length: 5 }, () => 'DescribeLoad'));
  });
});

describe('a load that gathers', () => {
  it('waits so long and asks for the next load again', async () => {
    const { definition } = machines.find(({ id }) => id.startsWith('LoadMachine')) ?? {};
    const ran: unknown[] = [];
    const task = async ({ path, arguments: args }: TaskRequest, { now }: { now: () => number }) => {
      const begun = ran.length === 0;
      ran.push({ at: now(), ...(begun ? { path } : { put: putEvents.parse(args).Entries }) });
      const idle = { outcome: 'idle', feed: 'work_items', reason: 'gathers', waitSeconds: 7 };
      return begun ? { Payload: idle } : { FailedEntryCount: 0, Entries: [{}] };
    };
    const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
    const { result } = await runText(text, { input: {}, task });
    const at = z.object({ at: z.number() }).parse(ran[0]).at;
    expect(result.status).toBe('SUCCEEDED');
    expect(ran).toEqual([
      { at, path: 'PlanLoad' },
      { at: at + 7000, put: [{ DetailType: 'LoadNext', Detail: { feed: 'work_items' } }] },
    ]);
  });
});
