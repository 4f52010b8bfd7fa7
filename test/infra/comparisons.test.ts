import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { TaskRequest } from '../../infra/local/asl/frame.ts';
import { StatesError } from '../../infra/local/asl/states-error.ts';
import { extractTrigger } from '../../shared/state/messages.ts';
import { feedOf, itemsFeed } from '../handlers/extract/world.ts';
import { runText } from './local/asl/run.ts';
import { machinesOf, synthesized } from './synthesized.ts';

const compared = feedOf(
  'compared',
  `source: { http: { url: http://127.0.0.1:8080/r, params: { from: "\${window.from}" } } }
schedule: rate(15 minutes)
window: { cursor: at, start: 2026-11-01T00:00:00Z }
tables:
  ewm.items: { rows: /r/item, disposition: merge, key: [id], columns: { id: bigint, at: timestamptz } }
deletes:
  ewm.items:
    compareKeys:
      schedule: { expression: cron(0 3 ? * SUN *), timezone: Europe/Berlin }
      params: { from: null }
`,
);
const { pipeline } = synthesized({}, { compared, items: itemsFeed() });

describe('the schedule of a comparison', () => {
  it('stands beside that of its feed, and says that it is not the feed which is read', () => {
    const schedules = pipeline.findResources('AWS::Scheduler::Schedule');
    expect(Object.keys(schedules).filter((id) => /^(Feed|Compare)/.test(id))).toHaveLength(3);
    pipeline.hasResourceProperties('AWS::Scheduler::Schedule', {
      Description: 'keys of feed compared',
      ScheduleExpression: 'cron(0 3 ? * SUN *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      Target: Match.objectLike({
        Input: '{"feed":"compared","compares":true,"scheduledTime":"<aws.scheduler.scheduled-time>"}',
      }),
    });
  });
});

/** Runs Extract for a feed that another execution reads all the time: what it ends with, and the details of the events that it put. */
const runBusy = async (input: object) => {
  const { definition } = machinesOf(pipeline).find(({ id }) => id.startsWith('ExtractMachine')) ?? {};
  const events: unknown[] = [];
  const task = async ({ path, arguments: args }: TaskRequest): Promise<unknown> => {
    if (path === 'PlanBatch') throw new StatesError('LeaseHeld', 'feed compared is being read');
    events.push(args);
    return { FailedEntryCount: 0, Entries: [{}] };
  };
  const text = JSON.stringify(definition).replaceAll('arn:<reference>', 'arn:aws');
  const { result } = await runText(text, { input, task });
  return { result, events };
};

const continued = (detail: unknown) => ({ source: 'millrace', 'detail-type': 'Continue', detail });
const putting = (detail: unknown) => [
  { Entries: [{ Source: 'millrace', DetailType: 'Continue', Detail: detail }] },
];

describe('a comparison whose feed is being read', () => {
  const first = { feed: 'compared', scheduledTime: '2026-11-23T03:00:00Z', compares: true };

  it('is asked for again, and again, and counts how often', async () => {
    const { result, events } = await runBusy(first);
    expect(result.status).toBe('SUCCEEDED');
    const again = { ...first, generation: 1 };
    expect(events).toEqual(putting(again));
    expect(extractTrigger.parse(continued(again))).toEqual(continued(again));
    const more = await runBusy(continued({ ...again, generation: 7, correlation: 'c' }));
    expect(more.events).toEqual(putting({ ...again, generation: 8, correlation: 'c' }));
  });

  it('is left to the next schedule where it is the feed itself', async () => {
    const { compares: _, ...feed } = first;
    const { result, events } = await runBusy(feed);
    expect(events).toEqual([]);
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'busy', error: { Error: 'LeaseHeld' } },
    });
  });
});
