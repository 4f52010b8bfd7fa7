import { describe, expect, test } from 'vitest';
import { EXAMPLE_PATHS, exampleOf } from '../../../shared/feed/document/examples.ts';
import { problemsOf } from './sample.ts';

/** A key path with names for `*`: a table's first, then a column's. */
const named = (pattern: string): readonly string[] =>
  pattern.split('.').map((key, at) => (key !== '*' ? key : at === 1 ? 'a.b' : 'a'));

/** A file whose key at `path` is `value`, as a flow map. */
const fileOf = (path: readonly string[], value: string): string =>
  path.reduceRight((inner, key) => `{ ${JSON.stringify(key)}: ${inner} }`, value);

const at = (path: readonly string[]): string => ` ${path.join('.')}: got `;

describe.each(EXAMPLE_PATHS.map((path) => [path] as const))('the example of %s', (pattern) => {
  const path = named(pattern);
  const example = exampleOf(path) ?? '';

  test('stands in the message of what is of another type', () => {
    const told = problemsOf(fileOf(path, '3')).filter((problem) => problem.includes(at(path)));
    expect(told.map((problem) => problem.endsWith(`, as in ${example}`))).toEqual([true]);
  });

  test('is of the form that is allowed', () => {
    const told = problemsOf(fileOf(path, example)).filter((problem) =>
      problem.includes(` ${path.join('.')}`),
    );
    expect(told).toEqual([]);
  });
});

const FEED = (rest: string): string => `feed: t
source: { s3: {} }
tables:
  shop.items: { rows: /items/item, disposition: merge, key: [id], sort: [id], columns: { id: bigint } }
deletes:
  shop.items: { rows: /items/gone, match: { id: "@id" } }
grants: { select: [${rest}] }
`;

describe('what is written with too much says what to write', () => {
  test.each([
    [
      'sort: [id]',
      'sort: [id desc]',
      "got 'id desc', allowed id: a column's name alone, as a sort key has no direction",
    ],
    ['sort: [id]', 'sort: [Id]', "got 'Id', allowed a lower-case letter or _, then up to 126 of a-z 0-9 _"],
    [
      '"@id"',
      '"bigint <- @id"',
      "got 'bigint <- @id', allowed @id: the path alone, as the type is that of the table's column",
    ],
    ['group readers', 'user zoe', "got 'user zoe', allowed zoe"],
    ['group readers', 'GROUP readers', "got 'GROUP readers', allowed group readers"],
    ['group readers', '"group \'readers\'"', "got 'group 'readers'', allowed group readers"],
    [
      'group readers',
      'group a b',
      "got 'group a b', allowed group NAME, role NAME, public or the name of a user",
    ],
  ])('%s as %s', (right, wrong, message) => {
    const file = FEED('group readers');
    expect(problemsOf(file)).toEqual([]);
    const problems = problemsOf(file.replace(right, wrong));
    expect(problems.map((problem) => problem.slice(problem.indexOf('got ')))).toEqual([message]);
  });
});
