import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { printProblem } from '../../../shared/feed/document/yaml-source.ts';
import { feedJsonSchema } from '../../../shared/feed/json-schema.ts';
import { resolveFeeds } from '../../../shared/feed/resolve-feeds.ts';

const page = readFileSync(new URL('../../../docs/feeds.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind = '', text = '']) => ({
  kind,
  text,
}));
const yamls = blocks.filter(({ kind }) => kind === 'yaml').map(({ text }) => text);
const connections = yamls.find((text) => text.startsWith('jazz:'));
const feeds = yamls.flatMap((text) => {
  const name = /^feed: (\w+)$/m.exec(text)?.[1];
  return name === undefined ? [] : [{ name, text }];
});

const problemsOf = (name: string, text: string): readonly string[] =>
  resolveFeeds([{ name: `${name}.yaml`, text }], connections, undefined, {
    allowLoopback: false,
  }).problems.map(printProblem);

test.each(feeds.filter(({ name }) => name !== 'wrong'))(
  'docs/feeds.md: the feed $name is one',
  ({ name, text }) => {
    expect(problemsOf(name, text)).toEqual([]);
  },
);

test('docs/feeds.md: the wrong feed has the problems that stand below it', () => {
  const wrong = feeds.find(({ name }) => name === 'wrong');
  const expected = blocks.find(({ kind }) => kind === 'text')?.text;
  expect(`${problemsOf('wrong', wrong?.text ?? '').join('\n')}\n`).toBe(expected);
});

const keysOf = (schema: unknown): readonly string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object'
      ? Object.keys(schema.properties ?? {})
      : [];
  return [...own, ...Object.values(schema).flatMap(keysOf)];
};

test('docs/feeds.md names every key of the schema', () => {
  const keys = [...new Set(keysOf(JSON.parse(feedJsonSchema())))];
  expect(keys.length).toBeGreaterThan(60);
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(page))).toEqual([]);
});
