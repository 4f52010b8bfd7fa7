import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import { EVENT } from '../../shared/state/messages.ts';

export interface AttentionProps {
  readonly topic: ITopic;
  readonly deadLetters: Queue;
  readonly names: DeploymentNames;
}

/** Lines of an event's detail, which are made so that they may stand in an input transformer: shared/attention/message.ts. */
const LINES = ['what', 'why', 'next', 'logs', 'trace'] as const;

/** Hands to a topic, as text for people, that a feed needs somebody, and that it needs nobody any more. */
export class Attention extends Construct {
  constructor(scope: Construct, id: string, { topic, deadLetters, names }: AttentionProps) {
    super(scope, id);
    new Rule(this, 'Rule', {
      eventPattern: {
        source: [names.eventSource],
        detailType: [EVENT.feedNeedsAttention, EVENT.feedRecovered],
      },
      targets: [
        new SnsTopic(topic, {
          message: RuleTargetInput.fromMultilineText(
            LINES.map((line) => EventField.fromPath(`$.detail.lines.${line}`)).join('\n'),
          ),
          deadLetterQueue: deadLetters,
        }),
      ],
    });
  }
}
