import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toHelp } from '../infra/cli/help.ts';
import { LATER_VERBS, VERBS } from '../infra/cli/verbs/registry.ts';
import { compilePattern } from '../infra/local/eventbridge/pattern.ts';
import { SETTING_NAMES } from '../infra/settings.ts';
import { resolveFeeds } from '../shared/feed/resolve-feeds.ts';
import { deploymentNames } from '../shared/state/deployment-names.ts';
import { EVENT } from '../shared/state/messages.ts';
import { dropsFeed } from './handlers/extract/world.ts';
import { synthesized } from './infra/synthesized.ts';

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const readme = read('README.md');
const HOW_TO = 'docs/how-to';
const howTos = readdirSync(join(ROOT, HOW_TO)).map((name) => `${HOW_TO}/${name}`);
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/aws-tests.md', 'docs/deploy.md'],
  'docs/cost.md',
  ...['docs/refused.md', ...howTos],
];

const COPY_ROLE = 'arn:aws:iam::123456789012:role/copy';

const constructs = readdirSync(join(ROOT, 'infra/constructs'))
  .map((name) => read(join('infra/constructs', name)))
  .join('\n');

describe('the documentation', () => {
  it.each(pages)('links to files that are there: %s', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link ?? '');
    expect(links.filter((link) => !existsSync(resolve(ROOT, dirname(page), link)))).toEqual([]);
  });

  it('draws states that the machines have', () => {
    const states = new Set(
      [
        ...read('docs/architecture.md').matchAll(
          /\b(?:Plan|Extract|Seal|Record|Prepare|Submit|Describe|Mark|Park)[A-Z]\w+/g,
        ),
      ].map(([name]) => name),
    );
    expect(states.size).toBeGreaterThan(8);
    for (const state of states) expect(constructs, state).toContain(state);
  });

  it('shows a feed that is valid', () => {
    const text = /```yaml\n(feed: books[\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const { feeds, problems } = resolveFeeds([{ name: 'books.yaml', text }], undefined, undefined, {
      allowLoopback: false,
    });
    expect(problems).toEqual([]);
    expect(feeds.books?.contract.tables.map(({ table }) => table)).toEqual(['shop.books', 'shop.reviews']);
  });

  it('names verbs and options that the command has', () => {
    for (const verb of Object.keys(VERBS)) expect(readme).toContain(`\`${verb}\``);
    for (const verb of LATER_VERBS) expect(read('docs/refused.md')).toContain(`\`${verb}\``);
    const options = Object.values(VERBS).flatMap(({ options: of }) => Object.keys(of));
    for (const [, option] of readme.matchAll(/--([a-z]+)/g)) {
      if (!['all', 'help'].includes(option ?? '')) expect(options).toContain(option);
    }
  });

  it('names the settings that a deployment has, and no other', () => {
    const named = (text: string) => [...text.matchAll(/millrace:(\w+)/g)].map(([, name]) => name ?? '');
    const deploy = read('docs/deploy.md');
    expect([...new Set(named(deploy))].sort()).toEqual([...SETTING_NAMES].sort());
    for (const name of named(readme)) expect(SETTING_NAMES).toContain(name);
  });

  it('names the outputs that a deployment shows, and no other', () => {
    const feed = dropsFeed();
    const source = { kind: 's3' as const, suffixes: ['.xml'], bucket: 'of-others', prefix: 'drops/' };
    const feeds = { drops: { ...feed, source } };
    const shown = [{}, { 'millrace:clusterIdentifier': 'dwh', 'millrace:copyRoleArn': COPY_ROLE }].flatMap(
      (context) => Object.keys(synthesized(context, feeds).pipeline.findOutputs('*')),
    );
    const [table = ''] = /^\| output \|[\s\S]*?\n\n/m.exec(read('docs/deploy.md')) ?? [];
    const rows = [...table.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, name]) => name ?? '');
    expect([...rows].sort()).toEqual([...new Set(shown)].sort());
  });

  it('shows a rule that matches the events which it names, of the feed that it names', () => {
    const [, table = ''] =
      /## What the event bus is told\n([\s\S]*?)\n## /.exec(read('docs/deploy.md')) ?? [];
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(table) ?? [];
    const matches = compilePattern(JSON.parse(text));
    const types = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, type]) => type);
    const { loadSucceeded, loadFailed, batchParked, feedNeedsAttention, feedRecovered } = EVENT;
    expect(types).toEqual([loadSucceeded, loadFailed, batchParked, feedNeedsAttention, feedRecovered]);
    const isTold = (type: string | undefined, feed: string) =>
      matches({ source: deploymentNames().eventSource, 'detail-type': type, detail: { feed } });
    expect(types.map((type) => isTold(type, 'work_items'))).toEqual([
      ...[false, true, true],
      ...[false, false],
    ]);
    expect(isTold(EVENT.batchParked, 'others')).toBe(false);
  });

  it('says of the exit status what the command says', () => {
    const said = (text: string) => /Exit status: (.*?interrupted)/s.exec(text)?.[1]?.replace(/\s+/g, ' ');
    expect(said(readme)).toMatch(/^0 done, 1 .* 130 interrupted$/);
    expect(said(toHelp())).toBe(said(readme));
  });

  it('names npm scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const page of pages) {
      for (const [, script] of read(page).matchAll(/npm run ([a-z:]+)/g))
        expect(Object.keys(scripts)).toContain(script);
    }
  });
});
