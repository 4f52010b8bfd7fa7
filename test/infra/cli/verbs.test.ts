import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toHelp, toVerbHelp } from '../../../infra/cli/help.ts';
import { LATER_VERBS, VERBS, type VerbName } from '../../../infra/cli/verbs/registry.ts';
import type { Verb } from '../../../infra/cli/verbs/verb.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, 'infra/cli/verbs');
const names = Object.keys(VERBS) as VerbName[];
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the registry of verbs', () => {
  it('has each verb file of its folder, and no other', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''));
    const shared = ['registry', 'verb', 'places'];
    expect(files.filter((file) => !shared.includes(file)).sort()).toEqual([...names].sort());
  });

  it('names no verb that is built as one that is to come', () => {
    expect(LATER_VERBS.filter((name) => names.some((built) => built === name))).toEqual([]);
  });

  describe.each(names)('%s', (name) => {
    const verb: Verb = VERBS[name];
    it('stands in the help with its summary', () => {
      expect(toHelp()).toContain(`  ${name.padEnd(10)}${verb.summary}\n`);
    });

    it('has help with each option and example', () => {
      const help = toVerbHelp(name);
      for (const [option, { help: text }] of Object.entries(verb.options)) {
        expect(help).toContain(`--${option}`);
        expect(help).toContain(text);
      }
      expect(verb.examples.length).toBeGreaterThan(0);
      for (const example of verb.examples) {
        expect(example).toContain(`npx millrace ${name}`);
        expect(help).toContain(`  ${example}\n`);
      }
    });

    it('stands in the table of the README', () => {
      expect(readme).toContain(`\n| \`${name}\` |`);
    });
  });
});
