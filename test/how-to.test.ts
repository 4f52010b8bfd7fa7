import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../infra/cli/arguments.ts';
import { SETTING_NAMES } from '../infra/settings.ts';
import { fateOf } from '../shared/fates.ts';
import { resolveFeeds } from '../shared/feed/resolve-feeds.ts';

const ROOT = resolve(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'docs/how-to');
const pages = readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const);

/** A command as its words: what a shell takes away, comments and redirections, is taken away. */
const toWords = (command: string): readonly string[] =>
  [...command.replace(/\s+[<>#].*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );

const commandsOf = (text: string): readonly string[] =>
  [...text.matchAll(/npx millrace ([^`\n;]+)/g)].map(([, command]) => command ?? '');

describe.each(pages)('docs/how-to/%s', (name, text) => {
  it('names commands that the command line takes', () => {
    for (const command of commandsOf(text)) {
      expect(parseCommandLine(toWords(command)).kind, command).toBe('verb');
    }
  });

  it('names settings that a deployment has', () => {
    for (const [, setting] of text.matchAll(/millrace:(\w+)/g)) expect(SETTING_NAMES).toContain(setting);
  });

  it('shows feeds that are valid', () => {
    for (const [, feed = ''] of text.matchAll(/```yaml\n(feed: [\s\S]*?)```/g)) {
      const file = `${/^feed: (\w+)/.exec(feed)?.[1]}.yaml`;
      const options = { allowLoopback: false };
      expect(resolveFeeds([{ name: file, text: feed }], undefined, undefined, options).problems).toEqual([]);
    }
  });

  it('stands in the README', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`docs/how-to/${name}`);
  });
});

it('names errors that there are', () => {
  const [, parked = ''] = pages.find(([name]) => name === 'my-batch-is-parked.md') ?? [];
  const errors = [...parked.matchAll(/`([A-Z][a-z]+[A-Z]\w+)`/g)].map(([, error]) => error ?? '');
  expect(errors.length).toBeGreaterThan(5);
  for (const error of errors) expect(fateOf(error), error).toBeDefined();
});

it('shows connections that are valid', () => {
  const [, text = ''] = pages.find(([name]) => name === 'private-jazz.md') ?? [];
  const [, connections = ''] = /```yaml\n(jazz:[\s\S]*?)```/.exec(text) ?? [];
  const feed = `feed: items
source: { http: { connection: jazz, path: /items } }
tables: { shop.items: { rows: /items/item, disposition: append, columns: { id: bigint } } }
`;
  const { problems } = resolveFeeds([{ name: 'items.yaml', text: feed }], connections, undefined, {
    allowLoopback: false,
  });
  expect(problems).toEqual([]);
});
