import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { attentionDetail } from '../../shared/attention/message.ts';
import { itemsFeed } from '../handlers/extract/world.ts';
import { synthesized } from './synthesized.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:alarms';
const { pipeline } = synthesized({ 'millrace:alarmTopicArn': TOPIC, 'millrace:env': 'test' });
const unheard = synthesized().pipeline;

describe('the alarms', () => {
  it('are as many whatever feeds there are', () => {
    const feeds = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`feed_${n}`, { ...itemsFeed(), feed: `feed_${n}` }]),
    );
    const count = Object.keys(unheard.findResources('AWS::CloudWatch::Alarm')).length;
    expect(count).toBe(11);
    synthesized({}, feeds).pipeline.resourceCountIs('AWS::CloudWatch::Alarm', count);
  });

  it('tell the topic when they begin and when they are over', () => {
    const alarms = Object.values(pipeline.findResources('AWS::CloudWatch::Alarm'));
    for (const { Properties } of alarms)
      expect(Properties).toMatchObject({ AlarmActions: [TOPIC], OKActions: [TOPIC] });
  });

  it('tell that no sweep succeeds: what is not measured is missing', () => {
    pipeline.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('"SweepMissing"'),
      MetricName: 'ExecutionsSucceeded',
      Period: 900,
      EvaluationPeriods: 3,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  it('hold what fails at each schedule for six hours, so that they do not flap with it', () => {
    pipeline.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('"ExtractTimedOut"'),
      MetricName: 'ExecutionsTimedOut',
      EvaluationPeriods: 72,
      DatapointsToAlarm: 1,
    });
  });

  it('tell of throttles that last, in as many metrics as an alarm may have', () => {
    for (const { Properties } of Object.values(pipeline.findResources('AWS::CloudWatch::Alarm'))) {
      const metrics = (Properties.Metrics ?? []).filter((one: object) => 'MetricStat' in one);
      expect(metrics.length).toBeLessThanOrEqual(10);
    }
    pipeline.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('"ExtractThrottled"'),
      DatapointsToAlarm: 3,
      Metrics: Match.arrayWith([
        Match.objectLike({
          MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName: 'Throttles' }) }),
        }),
      ]),
    });
  });
});

describe('messages about feeds', () => {
  it('go to the topic as lines of text', () => {
    pipeline.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['millrace-test'], 'detail-type': ['FeedNeedsAttention', 'FeedRecovered'] },
      Targets: [
        Match.objectLike({
          Arn: TOPIC,
          DeadLetterConfig: Match.anyValue(),
          InputTransformer: {
            InputPathsMap: Object.fromEntries(
              Object.keys(attentionDetail.shape.lines.shape).map((line) => [
                `detail-lines-${line}`,
                `$.detail.lines.${line}`,
              ]),
            ),
            InputTemplate:
              '"<detail-lines-what>"\n"<detail-lines-why>"\n"<detail-lines-next>"\n"<detail-lines-logs>"\n"<detail-lines-trace>"',
          },
        }),
      ],
    });
  });

  it('go nowhere where there is no topic', () => {
    expect(JSON.stringify(unheard.findResources('AWS::Events::Rule'))).not.toContain('FeedNeedsAttention');
  });

  it('name the deployment in their commands', () => {
    pipeline.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ DEPLOYMENT: 'test' }) },
    });
    unheard.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ DEPLOYMENT: 'default' }) },
    });
  });
});

describe('the dashboard', () => {
  it('shows freshness by feed first, by a search that no feed makes longer', () => {
    const [dashboard] = Object.values(pipeline.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard?.Properties.DashboardBody);
    const titles = [...body.matchAll(/\\"title\\":\\"(.*?)\\"/g)].map(([, title]) => title);
    expect(titles[0]).toMatch(/^Freshness by feed/);
    expect(titles).toEqual([
      expect.stringMatching(/^Freshness/),
      'Deployment',
      expect.stringMatching(/^Records, rows and rejects/),
      'By feed',
      'Durations of functions, p95',
      'Durations of executions, p95',
      expect.stringMatching(/^Failures/),
      'Throttled functions and executions',
      'GB-seconds of functions',
      expect.stringMatching(/^Calls/),
    ]);
    expect(body).toContain('{Millrace,env,feed}');
  });
});
