import { describe, expect, it } from 'vitest';
import { countQueued } from './event-queue.ts';

/** `aws` with these answers to its polls, and nothing after them. */
const scripted = (polls: readonly string[]) => {
  const deleted: string[] = [];
  const left = [...polls];
  const aws = async (args: readonly string[]): Promise<string> => {
    if (args[1] === 'receive-message') return left.shift() ?? '';
    deleted.push(args.at(-1) ?? '');
    return '';
  };
  return { aws, deleted };
};

const message = (id: string, statementId: string) => ({
  Body: JSON.stringify({ id, source: 'aws.redshift-data', detail: { statementId } }),
  ReceiptHandle: `handle of ${id}`,
});
const poll = (...Messages: readonly object[]) => JSON.stringify({ Messages });

describe('events of a queue', () => {
  it('are counted by their ids, those of the statement alone, and taken off the queue', async () => {
    const { aws, deleted } = scripted([
      '',
      poll(message('e1', 'mine'), message('e2', 'other')),
      '{}',
      poll(message('e1', 'mine'), message('e3', 'mine')),
    ]);
    expect(await countQueued(aws, 'https://queue', 'mine')).toBe(2);
    expect(deleted).toEqual(['e1', 'e2', 'e1', 'e3'].map((id) => `handle of ${id}`));
  });

  it('are none where none comes', async () => {
    expect(await countQueued(scripted([]).aws, 'https://queue', 'mine')).toBe(0);
  });
});
