import { describe, expect, it } from 'vitest';
import { emfMetrics } from '../../../handlers/adapters/emf-metrics.ts';
import type { Measures } from '../../../handlers/ports/metrics.ts';

const linesOf = (measures: Measures): unknown[] => {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  emfMetrics({ deployment: 'test', now: () => 1_000, write }).put('items', measures);
  return lines.map((line) => JSON.parse(line));
};

describe('a metric', () => {
  it('is a line of the embedded metric format: sums of the deployment, with the feed to ask a log query for', () => {
    expect(linesOf({ rows: 3, bytes: 40 })).toEqual([
      {
        _aws: {
          Timestamp: 1_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Millrace',
              Dimensions: [['env']],
              Metrics: [
                { Name: 'Rows', Unit: 'Count' },
                { Name: 'Bytes', Unit: 'Bytes' },
              ],
            },
          ],
        },
        env: 'test',
        feed: 'items',
        Rows: 3,
        Bytes: 40,
      },
    ]);
  });

  it('is of the feed where it is its freshness, and nothing else is', () => {
    expect(linesOf({ freshnessSeconds: 60, pending: 0 })).toMatchObject([
      {
        _aws: {
          CloudWatchMetrics: [
            { Dimensions: [['env', 'feed']], Metrics: [{ Name: 'Freshness', Unit: 'Seconds' }] },
            { Dimensions: [['env']], Metrics: [{ Name: 'Pending' }] },
          ],
        },
        Freshness: 60,
        Pending: 0,
      },
    ]);
  });

  it('is no line where nothing was measured', () => {
    expect(linesOf({})).toEqual([]);
  });
});
