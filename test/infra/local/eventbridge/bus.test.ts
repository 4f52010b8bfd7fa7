import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleModel } from '../../../../infra/local/assembly/resources.ts';
import { type LocalServer, serveAwsJson } from '../../../../infra/local/aws-json-server.ts';
import { realClock } from '../../../../infra/local/clock.ts';
import { createBus, type EventBus } from '../../../../infra/local/eventbridge/bus.ts';
import { eventBridgeApi } from '../../../../infra/local/eventbridge/put-events.ts';
import { createChance } from '../../../../infra/local/executions/chance.ts';
import { type Journal, openJournal } from '../../../../infra/local/executions/journal.ts';
import type { Faults } from '../../../../infra/local/local-cloud.ts';

const machine = (name: string) => ({
  name,
  arn: `arn:${name}`,
  roleArn: 'r',
  definition: '{}',
});
const rule = (name: string, pattern: RuleModel['pattern'], rest: object = {}): RuleModel => ({
  name,
  pattern,
  isEnabled: true,
  targets: [{ id: 'T', machineArn: `arn:${name}`, roleArn: 'r', ...rest }],
});

let folder = '';
let journal: Journal;
let bus: EventBus;
let faults: Faults = {};
let struck: string[] = [];
let server: LocalServer;
let client: EventBridgeClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bus-'));
  journal = openJournal(join(folder, 'j'));
  [faults, struck] = [{}, []];
  bus = createBus({
    rules: [
      rule('Whole', { source: ['millrace'], 'detail-type': ['Continue'] }),
      rule('Part', { source: ['millrace'] }, { inputPath: '$.detail.feed' }),
      rule('Constant', { source: ['aws.redshift-data'] }, { input: '{"fixed":true}' }),
      { ...rule('Off', { source: ['millrace'] }), isEnabled: false },
    ],
    machines: ['Whole', 'Part', 'Constant', 'Off'].map(machine),
    journal,
    clock: realClock,
    chance: createChance(),
    faults: () => faults,
    onStruck: (fault) => struck.push(fault),
    onDeliveries: () => {},
    onProgress: () => {},
  });
  server = await serveAwsJson('EventBridge', eventBridgeApi(bus));
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  client = new EventBridgeClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await server.close();
  journal.close();
  await rm(folder, { recursive: true });
});

const put = (entries: object[]) => client.send(new PutEventsCommand({ Entries: entries }));
const entry = { Source: 'millrace', DetailType: 'Continue', Detail: '{"feed":"wi"}' };

describe('PutEvents', () => {
  it('journals a delivery to each matching target of an enabled rule before it answers', async () => {
    const answer = await put([entry]);
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
    const deliveries = journal.all();
    expect(deliveries.map(({ machine: name }) => name)).toEqual(['Whole', 'Part']);
    expect(JSON.parse(deliveries[0]?.input ?? '')).toMatchObject({
      id: answer.Entries?.[0]?.EventId,
      source: 'millrace',
      'detail-type': 'Continue',
      detail: { feed: 'wi' },
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(deliveries[1]?.input).toBe('"wi"');
  });

  it.each([
    ['an entry without a source', { ...entry, Source: undefined }, 'InvalidArgument'],
    ['a detail that is no object', { ...entry, Detail: '[1]' }, 'MalformedDetail'],
    ['a source of AWS', { ...entry, Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
    ['another bus', { ...entry, EventBusName: 'other' }, 'ResourceNotFoundException'],
  ])('fails %s by itself', async (_what, bad, ErrorCode) => {
    expect(await put([bad, entry])).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode }, { EventId: expect.any(String) }],
    });
  });

  it.each([
    ['11 entries', Array.from({ length: 11 }, () => entry)],
    ['1 MB', [{ ...entry, Detail: JSON.stringify({ x: 'x'.repeat(1_048_576) }) }]],
  ])('refuses %s as a whole', async (_what, entries) => {
    await expect(put(entries)).rejects.toThrow(/allowed/);
    expect(journal.all()).toEqual([]);
  });
});

describe('an event of a service', () => {
  const completed = {
    version: '0' as const,
    id: 'e-1',
    'detail-type': 'Done',
    source: 'aws.redshift-data',
    account: '0',
    time: '2026-11-23T12:00:00Z',
    region: 'us-east-1',
    resources: [],
    detail: {},
  };

  it('is delivered once however often it is sent', async () => {
    await bus.accept(completed);
    await bus.accept(completed);
    expect(journal.all()).toMatchObject([{ machine: 'Constant', input: '{"fixed":true}' }]);
  });

  it('is lost, and delivered twice, when told to', async () => {
    faults = { loseEventsOf: ['aws.redshift-data'] };
    await bus.accept(completed);
    faults = { duplicateDeliveries: true };
    await bus.accept({ ...completed, id: 'e-2' });
    expect(journal.all()).toHaveLength(2);
    expect(struck).toEqual(['loseEventsOf', 'duplicateDeliveries']);
  });

  it('is not lost where another service loses its own', async () => {
    faults = { loseEventsOf: ['aws.s3'] };
    await bus.accept(completed);
    expect([journal.all().length, struck]).toEqual([1, []]);
  });
});
