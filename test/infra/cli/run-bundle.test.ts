import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const RUN_BUNDLE = resolve(import.meta.dirname, '../../../infra/cli/run-bundle.js');

/** A bundle whose one function says so much, and what is asked of CommonJS. */
const bundleOf = (word: string): string =>
  `(function (exports, require, module, __filename, __dirname) {
const say = () => console.log('${word}', require('node:path').relative(__dirname, __filename));
import('node:os').then(say);
})`;

let folder = '';
let bundle = '';
let cache = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  bundle = join(folder, 'main.bundle.js');
  cache = join(folder, 'cache');
  await mkdir(cache);
  await writeFile(bundle, bundleOf('one'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (given: { readonly verb?: string; readonly cache?: string | undefined } = {}) => {
  const { verb, cache: into } = { cache, verb: 'convert', ...given };
  const script = `import { runBundle } from ${JSON.stringify(RUN_BUNDLE)};
runBundle(${[bundle, into, verb].map((value) => JSON.stringify(value) ?? 'undefined').join(', ')});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return stdout.trim();
};
/** What is kept, by the file's name. */
const readKept = async () =>
  new Map(
    await Promise.all(
      (await readdir(cache)).map(async (name) => [name, await readFile(join(cache, name))] as const),
    ),
  );

test('a bundle finds what a file of CommonJS finds, and imports', async () => {
  expect(await run()).toBe('one main.bundle.js');
});

test('what was compiled is kept for each verb, and taken again as it is', async () => {
  await run();
  const kept = await readKept();
  expect([...kept.keys()]).toEqual([expect.stringMatching(/^convert-v\d/)]);
  expect(await run()).toBe('one main.bundle.js');
  expect(await readKept()).toEqual(kept);
  await run({ verb: '../elsewhere' });
  expect([...(await readKept()).keys()].sort()).toEqual([...kept.keys(), expect.stringMatching(/^help-v\d/)]);
});

test('nothing is kept of what was typed wrong', async () => {
  await writeFile(bundle, bundleOf('one').replace('\n})', '\nprocess.exitCode = 2;\n})'));
  await expect(run()).rejects.toThrow();
  expect(await readdir(cache)).toEqual([]);
});

test('another file of the same length runs as it is', async () => {
  await run();
  await writeFile(bundle, bundleOf('two'));
  expect(await run()).toBe('two main.bundle.js');
});

const damages: readonly [string, (kept: Buffer) => Buffer][] = [
  ['cut short', (kept) => kept.subarray(0, 40)],
  ['empty', () => Buffer.of()],
  [
    'of another bit',
    (kept) => Buffer.from(kept.map((byte, at) => (at === kept.length - 9 ? byte ^ 1 : byte))),
  ],
  ['no code', () => Buffer.from([0x1f, 0x28, 0xaa, 0x67, 0x6e, 0x6f])],
];
test.each(damages)('what is kept is made anew where it is %s', async (_, damage) => {
  await run();
  const [[name, kept] = ['', Buffer.of()]] = await readKept();
  await writeFile(join(cache, name), damage(kept));
  expect(await run()).toBe('one main.bundle.js');
  expect((await readKept()).get(name)?.length).toBe(kept.length);
});

test('a bundle runs where nothing can be kept', async () => {
  expect(await run({ cache: undefined })).toBe('one main.bundle.js');
  expect(await run({ cache: join(bundle, 'no-folder') })).toBe('one main.bundle.js');
  expect(await readdir(cache)).toEqual([]);
});
