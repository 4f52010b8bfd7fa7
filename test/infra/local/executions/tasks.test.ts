import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import type { TaskRequest } from '../../../../infra/local/asl/frame.ts';
import { serveAwsJson } from '../../../../infra/local/aws-json-server.ts';
import type { EventBus, PutEventsEntry } from '../../../../infra/local/eventbridge/bus.ts';
import { eventBridgeApi } from '../../../../infra/local/eventbridge/put-events.ts';
import type { AsyncCall } from '../../../../infra/local/executions/call-journal.ts';
import { createChance } from '../../../../infra/local/executions/chance.ts';
import { createTasks } from '../../../../infra/local/executions/tasks.ts';
import { type AccessTable, toCaller } from '../../../../infra/local/iam/access.ts';
import { verifySignatures } from '../../../../infra/local/iam/authenticate.ts';

const ROLE = 'arn:aws:iam::000000000000:role/r';
const MINE = 'arn:aws:lambda:us-east-1:000000000000:function:mine';
const THEIRS = 'arn:aws:lambda:us-east-1:000000000000:function:theirs';
const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
const INVOKE = 'arn:aws:states:::lambda:invoke';
const PUT = 'arn:aws:states:::events:putEvents';

const tableOf = (action: string, resource: string): AccessTable => ({
  keys: { ROLEKEY: { secretAccessKey: 's', role: { arn: ROLE, session: 'fn' } } },
  roles: { [ROLE]: [{ effect: 'Allow', actions: [action], resources: [resource], conditions: [] }] },
  buckets: {},
});

const fakeBus = (): Pick<EventBus, 'put'> & { readonly taken: PutEventsEntry[] } => {
  const taken: PutEventsEntry[] = [];
  return {
    taken,
    put: async (entries) => {
      taken.push(...entries);
      return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: 'e' })) };
    },
  };
};

/** Runs a task as a machine whose role has one right; `started` is what was invoked asynchronously. */
const run = async (
  right: readonly [string, string],
  resource: string,
  args: object,
  started: Omit<AsyncCall, 'requestId'>[] = [],
): Promise<unknown> => {
  const invoked = { status: 'success' as const, payload: '"done"' };
  const runTask = createTasks({
    pool: {
      invoke: async () => ({ ...invoked, timing: { queuedAt: 0, startedAt: 0, endedAt: 0 } }),
    },
    asyncInvocations: { start: (call) => void started.push(call), inFlight: () => 0, close: () => {} },
    bus: fakeBus(),
    traces: { execution: () => {}, state: () => {}, invocation: () => {} },
    chance: createChance(1),
    callerOf: (roleArn, session) => toCaller(tableOf(...right), roleArn, session),
  });
  const request: TaskRequest = {
    resource,
    arguments: args,
    path: 'Do',
    span: '1',
    execution: {
      Execution: { Id: 'x', Input: {}, Name: 'execution', RoleArn: ROLE, StartTime: '' },
      StateMachine: { Id: 'm', Name: 'm' },
    },
  };
  return runTask(request, 'trace');
};

const ENTRIES = { Entries: [{ Source: 'millrace', DetailType: 'Continue', Detail: {} }] };

describe('a task', () => {
  it('invokes the functions that the machine’s role may invoke, and no other', async () => {
    const right = ['lambda:InvokeFunction', MINE] as const;
    await expect(run(right, INVOKE, { FunctionName: MINE, Payload: {} })).resolves.toMatchObject({
      Payload: 'done',
    });
    await expect(run(right, INVOKE, { FunctionName: THEIRS, Payload: {} })).rejects.toMatchObject({
      error: 'Lambda.AWSLambdaException',
      text: expect.stringMatching(/role\/r\/execution is not authorized .* lambda:InvokeFunction .*:theirs/),
    });
  });

  it('starts a function that it does not wait for, by the same right', async () => {
    const right = ['lambda:InvokeFunction', MINE] as const;
    const started: Omit<AsyncCall, 'requestId'>[] = [];
    const call = (FunctionName: string) => ({ FunctionName, InvocationType: 'Event', Payload: { n: 1 } });
    await expect(run(right, INVOKE, call(MINE), started)).resolves.toEqual({ Payload: '', StatusCode: 202 });
    expect(started).toEqual([{ functionArn: MINE, payload: '{"n":1}', traceId: 'trace', parent: '1' }]);
    await expect(run(right, INVOKE, call(THEIRS), started)).rejects.toMatchObject({
      error: 'Lambda.AWSLambdaException',
    });
    expect(started).toHaveLength(1);
  });

  it('puts events only by the right to', async () => {
    await expect(run(['events:PutEvents', BUS], PUT, ENTRIES)).resolves.toBeDefined();
    await expect(run(['events:PutRule', BUS], PUT, ENTRIES)).rejects.toMatchObject({
      error: 'EventBridge.AccessDeniedException',
    });
  });
});

describe('PutEvents of a function', () => {
  it.each([
    ['takes events from a role that has the right', 'events:PutEvents', 1],
    ['takes none from a role that has it not', 'events:PutRule', 0],
  ])('%s', async (_what, action, taken) => {
    const bus = fakeBus();
    const table = tableOf(action, BUS);
    const authenticate = verifySignatures({ table, region: 'us-east-1', service: 'events' });
    const server = await serveAwsJson('EventBridge', eventBridgeApi(bus), authenticate);
    const credentials = { accessKeyId: 'ROLEKEY', secretAccessKey: 's' };
    const client = new EventBridgeClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
    });
    const entry = { Source: 'millrace', DetailType: 'Continue', Detail: '{}' };
    const answer = await client.send(new PutEventsCommand({ Entries: [entry] })).catch(({ name }) => name);
    expect(bus.taken).toHaveLength(taken);
    if (taken === 0) expect(answer).toBe('AccessDeniedException');
    client.destroy();
    await server.close();
  });
});
