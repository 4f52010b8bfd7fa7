import { expect, test } from 'vitest';
import { problemsOf, rowsOf, valuesOf } from './typed.ts';

const text = { path: 'c', type: 'varchar(200)' };

test('as: text is the whole text, trimmed, and null where it is nil or empty', async () => {
  const column = { ...text, as: 'text' };
  expect(await valuesOf(column, '<c> a <i>b</i><b/><![CDATA[<c]]></c>', '<c><i/></c>', '')).toEqual([
    'a b<c',
    null,
    null,
  ]);
});

test('as: xml is the markup, with the namespaces that it needs', async () => {
  const column = { path: '*:c', type: 'varchar(200)', as: 'xml' };
  expect(
    await rowsOf(
      { c: column },
      '<r xmlns:p="urn:p" xmlns:q="urn:q"><i><p:c a="1&lt;&quot;"><b>x &amp; y</b><e/></p:c></i></r>',
    ),
  ).toEqual([['<p:c xmlns:p="urn:p" a="1&lt;&quot;"><b>x &amp; y</b><e/></p:c>']]);
});

test('many: map is an object by keys, the last of equal ones', async () => {
  const column = { path: 'e', type: 'super', many: 'map', keyPath: 'k', valuePath: '@v' };
  expect(
    await valuesOf(
      column,
      '<e v="1"><k>a</k></e><e><k> b </k></e><e v="3"><k>a</k></e>',
      '<e v="1"/>',
      '<e v="1"><k>a</k><k>b</k></e>',
      '',
    ),
  ).toEqual([
    '{"a":"3","b":null}',
    null,
    'an element of the map has no key',
    'an element of the map has 2 keys, allowed one',
  ]);
  expect(problemsOf({ type: 'super', many: 'map', keyPath: 'k' })).toEqual([
    'c.many: map: got no valuePath, allowed with it',
  ]);
  expect(problemsOf({ ...column, keyPath: '../k' })).toEqual([
    "c.keyPath: got '../k', allowed a path below the match, as in key or @name, without a predicate on a child's value",
  ]);
});

test('split makes an array of the parts, or joins them', async () => {
  expect(await valuesOf({ path: 'c', type: 'super', split: '|' }, '<c>|a| b ||</c>', '<c/>', '')).toEqual([
    '["a","b"]',
    null,
    null,
  ]);
  expect(
    await valuesOf({ ...text, split: ';', many: 'join', separator: ', ' }, '<c>a;b</c><c>c</c>'),
  ).toEqual(['a, b, c']);
  expect(problemsOf({ ...text, split: '|', many: 'first' })).toEqual([
    'c.split: got many: first, allowed json and join',
  ]);
});

test('replace puts whole texts in the place of others', async () => {
  const column = { path: 'c', type: 'boolean', replace: { 'N/A': null, ja: 'true' } };
  expect(await valuesOf(column, '<c> ja </c>', '<c>N/A</c>', '<c>false</c>')).toEqual([
    'true',
    null,
    'false',
  ]);
});

test('decimal and group read other notations, to the letter', async () => {
  const column = { path: 'c', type: 'decimal(9,2)', decimal: ',', group: '.' };
  expect(
    await valuesOf(column, '<c>-1.234.567,5</c>', '<c>12,34</c>', '<c>1.23,4</c>', '<c>1,5.000</c>'),
  ).toEqual([
    '-1234567.50',
    '12.34',
    '"1.23,4" is not a number with groups of three digits by "."',
    '"1,5.000" is not a number with groups of three digits by "."',
  ]);
  expect(await valuesOf({ ...column, group: undefined }, '<c>1.5</c>')).toEqual([
    '"1.5" has a point, allowed "," before the fraction',
  ]);
  expect(problemsOf({ ...column, decimal: '.' })).toEqual([
    "c.decimal: got '.' for both, allowed another than group has",
  ]);
});

test('round rounds half up, away from zero', async () => {
  const column = { path: 'c', type: 'decimal(4,2)', round: true };
  const items = ['1.005', '-1.005', '1.0049', '0.999', '5e-3', '4e-3', '99.995', '1'];
  expect(await valuesOf(column, ...items.map((item) => `<c>${item}</c>`))).toEqual([
    '1.01',
    '-1.01',
    '1.00',
    '1.00',
    '0.01',
    '0.00',
    '1.00',
    '"100.00" is not in the range of decimal(4,2)',
  ]);
});

test('rfc822 reads times of mail and feeds', async () => {
  const column = { path: 'c', type: 'timestamptz', format: 'rfc822' };
  const items = ['Sun, 5 Aug 2018 18:42:00 EST', '5 Aug 18 18:42 Z', 'Mon, 5 Aug 2018 18:42:00 GMT'];
  expect(await valuesOf(column, ...items.map((item) => `<c>${item}</c>`))).toEqual([
    '2018-08-05 23:42:00+00',
    '2018-08-05 18:42:00+00',
    expect.stringContaining('is not a timestamptz of format rfc822'),
  ]);
});

test('the first alternative with a value counts, an empty one does not', async () => {
  const items = ['<a>1</a><b>2</b>', '<a> </a><b>2</b>', '<b>2</b>', '<a/>'];
  expect(await valuesOf('varchar(9) <- a | b', ...items)).toEqual(['1', '2', '2', null]);
});
