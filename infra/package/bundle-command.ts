import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/**
 * The command in few files: a small `convert` would spend half of its time on finding and opening some 400. The parts stand beside the entry,
 * one for each verb and for what verbs have in common. All other compiled sources stay: processes of their own start from them.
 */

const ENTRY = 'infra/cli/main.js';

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

/** A source that asks where it stands is answered with its own place, not the part's. */
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

/** Writes the command's parts into a folder of compiled sources, and the licences of the packages that are in them. */
export const bundleCommand = async (dist: string): Promise<void> => {
  const { metafile } = await build({
    entryPoints: [join(dist, ENTRY)],
    outdir: join(dist, dirname(ENTRY)),
    allowOverwrite: true,
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    plugins: [leavePackages, keepPlaces(dist)],
    // yaml is CommonJS inside an ES module. Sources may import the function by its own name.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
    },
  });
  writeFileSync(join(dist, 'LICENSES.txt'), toLicences(metafile));
};

const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The licences of all packages that the parts hold: each asks that its text goes with its code. */
const toLicences = ({ inputs }: Metafile): string => {
  const folders = Object.keys(inputs).flatMap((path) => PACKAGE.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort().map(toLicence).join('\n\n');
};

const toLicence = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = join(folder, 'LICENSE');
  return `${name} ${version} (${license})\n${existsSync(file) ? `\n${readFileSync(file, 'utf8').trim()}\n` : ''}`;
};
