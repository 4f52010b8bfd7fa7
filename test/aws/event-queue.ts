import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Completion events, from a queue of SQS that a rule sends them to. Nothing else of Millrace asks SQS, so AWS's own command does it. */

/** Runs a command of `aws`, and answers its JSON; empty where it has nothing to say. */
export type AwsCommand = (args: readonly string[]) => Promise<string>;

export const runAws =
  (region: string): AwsCommand =>
  async (args) => {
    const all = [...args, '--region', region, '--output', 'json'];
    return (await promisify(execFile)('aws', all)).stdout;
  };

/** The longest poll (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html). */
const POLL_SECONDS = '20';
/** Polls without a message after which there are no more: two minutes, many times what an event takes. */
const QUIET_POLLS = 6;

interface Message {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** How many events a queue gets of a statement; one that is delivered twice, as queues and rules may, has the same id both times. */
export const countQueued = async (
  aws: AwsCommand,
  queueUrl: string,
  statementId: string,
): Promise<number> => {
  const ids = new Set<string>();
  for (let quiet = 0; quiet < QUIET_POLLS; ) {
    const messages = await receive(aws, queueUrl);
    quiet = messages.length === 0 ? quiet + 1 : 0;
    for (const { Body, ReceiptHandle } of messages) {
      const event: { readonly id: string; readonly detail: { readonly statementId: string } } =
        JSON.parse(Body);
      if (event.detail.statementId === statementId) ids.add(event.id);
      await aws(['sqs', 'delete-message', '--queue-url', queueUrl, '--receipt-handle', ReceiptHandle]);
    }
  }
  return ids.size;
};

const receive = async (aws: AwsCommand, queueUrl: string): Promise<readonly Message[]> => {
  const most = ['--max-number-of-messages', '10', '--wait-time-seconds', POLL_SECONDS];
  const text = await aws(['sqs', 'receive-message', '--queue-url', queueUrl, ...most]);
  if (text.trim() === '') return [];
  const { Messages = [] }: { readonly Messages?: readonly Message[] } = JSON.parse(text);
  return Messages;
};
