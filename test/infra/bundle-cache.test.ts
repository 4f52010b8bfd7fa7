import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleOnce, type Outputs } from '../../infra/bundle-cache.ts';
import { bundleHandlers } from '../../infra/bundles.ts';

let folder = '';
let cache = '';
let source = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-cache-'));
  cache = join(folder, 'cache');
  source = join(folder, 'source.ts');
  writeFileSync(source, 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Two outputs of one source, of which one has no byte; `meanwhile` happens once it is read. */
const bundle = (meanwhile: () => void) => () => {
  const text = readFileSync(source);
  meanwhile();
  const outputs = new Map([
    ['a/index.mjs', text],
    ['b/index.mjs', Buffer.from('\0\n')],
    ['c/index.mjs', Buffer.alloc(0)],
  ]);
  return { inputs: [source], outputs };
};
const toTexts = (outputs: Outputs) =>
  [...outputs].map(([name, text]) => [name, Buffer.from(text).toString()]);
const textsOf = (first: string) => [
  ['a/index.mjs', first],
  ['b/index.mjs', '\0\n'],
  ['c/index.mjs', ''],
];

/** What comes out, and whether it was bundled for that. */
const once = (digest = () => 'settings', file: string | undefined = cache, meanwhile = () => {}) => {
  let isBundled = false;
  const outputs = bundleOnce({
    cache: file,
    digest,
    bundle: bundle(() => {
      isBundled = true;
      meanwhile();
    }),
  });
  return { texts: toTexts(outputs), isBundled };
};

describe('what was bundled', () => {
  it('is taken again while nothing that was read has changed', () => {
    expect(once()).toEqual({ texts: textsOf('one'), isBundled: true });
    expect(once()).toEqual({ texts: textsOf('one'), isBundled: false });
    expect(readdirSync(folder).sort()).toEqual(['cache', 'source.ts']);
  });

  it('is bundled anew, once, when a file that was read has another text', () => {
    once();
    writeFileSync(source, 'two');
    expect(once()).toEqual({ texts: textsOf('two'), isBundled: true });
    expect(once()).toEqual({ texts: textsOf('two'), isBundled: false });
  });

  it('is bundled anew when the settings are others', () => {
    once();
    expect(once(() => 'others').isBundled).toBe(true);
  });

  it('is not kept when something changed while it was made', () => {
    let at = 0;
    once(() => `settings ${at++}`);
    expect(readdirSync(folder)).toEqual(['source.ts']);
  });

  it('is not kept where no place is named, nor where nothing can be written', () => {
    const nowhere = join(folder, 'nowhere', 'cache');
    for (const file of [undefined, nowhere]) {
      const run = () => bundleOnce({ cache: file, digest: () => 'settings', bundle: bundle(() => {}) });
      expect(toTexts(run())).toEqual(textsOf('one'));
    }
    expect(readdirSync(folder)).toEqual(['source.ts']);
  });

  it('is bundled anew wherever what was kept is cut, or a byte of it is another', () => {
    once();
    const whole = readFileSync(cache);
    for (let at = 0; at < whole.length; at += 1) {
      truncateSync(cache, at);
      expect(once(), `cut at ${at}`).toEqual({ texts: textsOf('one'), isBundled: true });
      expect(readFileSync(cache)).toEqual(whole);
      writeFileSync(cache, whole.with(at, (whole[at] ?? 0) ^ 1));
      expect(once(), `changed at ${at}`).toEqual({ texts: textsOf('one'), isBundled: true });
      expect(readFileSync(cache)).toEqual(whole);
    }
  });
});

/** All files below a folder with their texts. */
const filesOf = (root: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(root.length), readFileSync(path, 'utf8')]),
  );

describe('the bundles of the functions', () => {
  it('are the same files when they are bundled and when they are taken again, elsewhere', () => {
    const made = ['first', 'second'].map((name) => {
      const out = join(folder, name);
      bundleHandlers(out, {}, cache);
      return filesOf(out);
    });
    expect(Object.keys(made[0] ?? {})).toContain('/bundles/plan-batch/index.cjs');
    // A comparison of whole texts: a report of what differs in megabytes would take minutes.
    expect(JSON.stringify(made[1]) === JSON.stringify(made[0])).toBe(true);
  });
});
