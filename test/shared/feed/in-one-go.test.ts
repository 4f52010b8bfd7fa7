import { expect, test } from 'vitest';
import { parseFeed } from '../../../shared/feed/parse-feed.ts';

const problemsOf = (text: string): readonly string[] => {
  const result = parseFeed(text, { file: 'items.yaml', connections: undefined, allowLoopback: false });
  return result.ok ? [] : result.problems.map(({ line, message }) => `${line} ${message}`);
};

test('problems of form and of meaning are told together', () => {
  const problems = problemsOf(`feed: other
source: { s3: {} }
schedul: rate(1 hour)
paused: soon
rejects: { atMost: [1, 101%] }
tables:
  a.items:
    rows: /items/item
    disposition: append
    columns: { id: bigin, name: { path: name, type: text, trimm: false } }
`);
  expect(problems).toEqual([
    expect.stringMatching(/^1 feed: got 'other', allowed 'items'/),
    expect.stringMatching(/^3 schedul: unknown key, did you mean 'schedule'/),
    expect.stringMatching(/^4 paused: got 'soon'/),
    expect.stringMatching(/^5 rejects\.atMost: /),
    expect.stringMatching(/^10 tables\.a\.items\.columns\.id: .*'bigin'/),
    expect.stringMatching(/^10 tables\.a\.items\.columns\.name\.trimm: unknown key/),
  ]);
});

test('what depends on a part that is wrong waits until that is mended', () => {
  const problems = problemsOf(`feed: items
source: { s3: {} }
tables:
  a.items:
    rows: /items/item
    disposition: merge
    key: [id]
    columns: { id: 7 }
`);
  expect(problems).toEqual([expect.stringMatching(/^8 tables\.a\.items\.columns\.id: /)]);
});
