import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/**
 * The command in one file: a small `convert` would spend half of its time on finding and opening some 400. It is CommonJS, since V8's code of
 * such a file can be kept with the functions that a verb has called. All other compiled sources stay: processes of their own start from them.
 */

const ENTRY = 'infra/cli/main.js';
const BUNDLE = 'infra/cli/main.bundle.js';
/** What the file finds around it. It is a script with one function, so that nothing is put around its text when it is read. */
const HEAD = '(function (exports, require, module, __filename, __dirname) {';

/** Packages of plain JavaScript that verbs without a cloud load; the others are large, or have files of their own, and stay packages. */
const INLINED: ReadonlySet<string> = new Set([
  ...['croner', 'csv-stringify', 'saxes', 'tough-cookie', 'yaml', 'zod'],
  // What they need.
  ...['tldts', 'tldts-core', 'xmlchars'],
]);

const packageOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');

const leavePackages: Plugin = {
  name: 'leave packages',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      INLINED.has(packageOf(path)) ? undefined : { path, external: true },
    ),
};

/** A source that asks where it stands is answered with its own place, not that of the one file. */
const keepPlaces = (dist: string): Plugin => ({
  name: 'keep places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const own = relative(join(dist, dirname(ENTRY)), path);
      if (own.includes('node_modules') || !text.includes('import.meta.url')) return undefined;
      const place = `new URL(${JSON.stringify(own)}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', place), loader: 'js' };
    }),
});

/** Node makes a module of its own whole when it is asked for: crypto takes five milliseconds. So each is asked for when one of its names is used. */
const waitForBuiltins: Plugin = {
  name: 'wait for builtins',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      namespace === 'builtin' ? { path, external: true } : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({ contents: toWaiting(path) }));
  },
};

const toWaiting = (name: string): string => {
  const builtin = process.getBuiltinModule(name);
  const asked = `require(${JSON.stringify(name)})`;
  // One that is itself a function, as node:events, has to be there at once.
  if (typeof builtin === 'function') return `module.exports = ${asked};`;
  return `let builtin;
const get = (name) => () => (builtin ??= ${asked})[name];
for (const name of ${JSON.stringify(Object.keys(builtin ?? {}))})
  Object.defineProperty(exports, name, { enumerable: true, get: get(name) });`;
};

/** Writes the command's file into a folder of compiled sources, and the licences of the packages that are in it. */
export const bundleCommand = async (dist: string): Promise<void> => {
  const { metafile } = await build({
    entryPoints: [join(dist, ENTRY)],
    outfile: join(dist, BUNDLE),
    bundle: true,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    // One character beyond Latin-1 makes V8 hold and read all of a file as UTF-16.
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'error',
    plugins: [waitForBuiltins, leavePackages, keepPlaces(dist)],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: `${HEAD}const bundleUrl = require('node:url').pathToFileURL(__filename).href;` },
    footer: { js: '})' },
  });
  writeFileSync(join(dist, 'LICENSES.txt'), toLicences(metafile));
};

const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The licences of all packages that the file holds: each asks that its text goes with its code. */
const toLicences = ({ inputs }: Metafile): string => {
  const folders = Object.keys(inputs).flatMap((path) => PACKAGE.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort().map(toLicence).join('\n\n');
};

const toLicence = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = join(folder, 'LICENSE');
  return `${name} ${version} (${license})\n${existsSync(file) ? `\n${readFileSync(file, 'utf8').trim()}\n` : ''}`;
};
