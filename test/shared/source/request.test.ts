import { expect, test } from 'vitest';
import { fieldsOf } from '../../../shared/source/fields.ts';
import { buildFirstRequest } from '../../../shared/source/request.ts';
import { ATOM, edit, feedOf, WORK_ITEMS } from '../feed/sample.ts';

const bounds = { fromMs: Date.UTC(2024, 4, 22, 12, 10), toMs: Date.UTC(2024, 5, 1) };

const requestOf = (text: string, partitionIndex: number) => {
  const feed = feedOf(text);
  const partition = feed.partitions[partitionIndex];
  if (partition === undefined) throw new Error(`no partition ${partitionIndex}`);
  return buildFirstRequest({ feed, partition, bounds, secret: { token: 'abc' } });
};

test('asks for every mapped path below the record, children nested, with what predicates read', () => {
  expect(fieldsOf(feedOf(WORK_ITEMS).contract)).toBe(
    '(itemId|id|summary|modified|state/name|allExtensions/(key|displayValue)|comments/(creator/name|content))',
  );
});

test('asks for an element itself when its own text is read beside its children', () => {
  const text = edit(WORK_ITEMS, 'id: bigint', 'id: bigint\n      kind: varchar(9) <- state');
  expect(fieldsOf(feedOf(text).contract)).toContain('|state|state/name|');
});

test('asks for a child whose rows are read as a whole, and for the element of an attribute', () => {
  const tags =
    '  ewm.tags:\n    parent: { item_id: item_id }\n    rows: tags\n    columns: { tag: varchar(64) <- . }\n';
  const text = edit(WORK_ITEMS, 'contract: evolve', `${tags}contract: evolve`);
  expect(fieldsOf(feedOf(edit(text, 'id: bigint', 'id: bigint <- link/@id')).contract)).toMatch(
    /\|link\|summary\|.*\|tags\)$/,
  );
});

test('fills a partition into the URL, with the lookback off the start and everything percent-encoded', () => {
  const { url, headers } = requestOf(WORK_ITEMS, 1);
  expect(headers).toEqual([['Accept', 'application/xml']]);
  expect(url).toContain(
    'fields=workitem%2FdeletedWorkItem%5Bmodified%3E2024-05-22T12%3A00%3A00.000%2B0000%20and%20',
  );
  const { pathname, searchParams } = new URL(url);
  expect(pathname).toBe('/ccm/rpt/repository/workitem');
  expect(searchParams.get('fields')).toBe(
    'workitem/deletedWorkItem[modified>2024-05-22T12:00:00.000+0000 and modified<2024-06-01T00:00:00.000+0000]/(itemId|modified)',
  );
  expect(searchParams.get('size')).toBe('500');
});

test('gives ${fields} one pair of parentheses, whether they are written around it or not', () => {
  const fields = (text: string) => new URL(requestOf(text, 0).url).searchParams.get('fields');
  expect(fields(WORK_ITEMS)).toContain(']/(itemId|id|');
  expect(fields(edit(WORK_ITEMS, '(${fields})', '${fields}'))).toBe(fields(WORK_ITEMS));
});

test('asks for paths of any depth where nobody asks for ${fields}', () => {
  const text = edit(edit(WORK_ITEMS, '(${fields})', '*'), 'id: bigint', 'id: bigint <- a//b');
  expect(requestOf(text, 0).url).toContain('%5D%2F*');
});

test('puts names, the connection and secrets where they are asked for', () => {
  const text = edit(
    WORK_ITEMS,
    'Accept: application/xml',
    'X-Part: "${partition} of ${connection}", X-Token: "${secret.token}"',
  );
  expect(requestOf(text, 0).headers).toEqual([
    ['X-Part', 'items of jazz'],
    ['X-Token', 'abc'],
  ]);
});

test('repeats a parameter that has a list, and goes on after a question mark', () => {
  const text = edit(
    edit(WORK_ITEMS, 'size: 500', 'x: [1, 2]'),
    'repository/workitem',
    'repository/workitem?a=b',
  );
  expect(requestOf(text, 0).url).toMatch(/workitem\?a=b&fields=.*&x=1&x=2$/);
});

test('refuses a feed of landed objects', () => {
  const feed = feedOf(ATOM);
  expect(() => buildFirstRequest({ feed, partition: { name: '', values: {} } })).toThrow(
    'got a source of kind s3',
  );
});
