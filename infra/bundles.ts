import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';
import type { FeedsFile } from '../shared/model/feed.ts';
import { withRecordHash } from '../shared/model/record-hash.ts';
import { type Bundled, bundleOnce, hashOf, hashOfFile, type Outputs } from './bundle-cache.ts';
import { makeFolder } from './make-folder.ts';

/** Finds the folder of a state's bundled handler: `PlanBatch` is handlers/plan-batch.handler.ts. */
export type FindBundle = (state: string) => string;

/** The functions that read feeds, and so change when a feed does. All others read records. */
const READ_FEEDS = ['PlanBatch', 'PlanLoad', 'Sweep'];

/** Folders that handlers import from. */
const SOURCES = ['handlers', 'shared'];
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Of an installed package, which has them since it was built; a checkout bundles its sources. */
const BUILT = join(ROOT, 'bundles');
/** What decides how sources become bundles, beside their texts: settings, and the packages as asked for and as installed. */
const SETTINGS = ['package.json', 'tsconfig.json', 'package-lock.json', 'node_modules/.package-lock.json'];
/** Variables that esbuild looks at. */
const VARIABLES = ['NODE_PATH', 'ESBUILD_BINARY_PATH'];

/** What makes bundles of sources, as a process. */
const BUNDLER = fileURLToPath(new URL('./bundle-sources.ts', import.meta.url));
const MAX_BUNDLED_BYTES = 100_000_000;

/**
 * Bundles every handler into a folder of its own below `outdir`, in one run: NodejsFunction's run for each takes five times as long.
 * A `cache` that an earlier run has filled spares it, with the same files.
 */
export const bundleHandlers = (outdir: string, feeds: FeedsFile, cache?: string): FindBundle => {
  const folder = join(outdir, 'bundles');
  const outputs = existsSync(BUILT)
    ? readBuilt()
    : bundleOnce({ cache, digest: digestSettings, bundle: bundleSources });
  const findBundle: FindBundle = (state) => join(folder, toKebab(state));
  for (const [name, text] of outputs) {
    makeFolder(dirname(join(folder, name)));
    writeFileSync(join(folder, name), text);
  }
  const text = JSON.stringify(toDeployed(feeds));
  for (const state of READ_FEEDS) writeFileSync(join(findBundle(state), 'feeds.json'), text);
  return findBundle;
};

const toDeployed = (feeds: FeedsFile): FeedsFile =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [name, { ...feed, contract: withRecordHash(feed.contract) }]),
  );

const readBuilt = (): Outputs =>
  new Map(listFiles(BUILT).map((path) => [relative(BUILT, path), readFileSync(path)]));

/** Bundles every handler of the sources. */
export const bundleSources = (): Bundled =>
  deserialize(
    execFileSync(process.execPath, [BUNDLER], {
      maxBuffer: MAX_BUNDLED_BYTES,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );

/** Sources are named and read here too: another file may be found first, and one may change while esbuild reads it. */
const digestSettings = (): string => {
  const sources = SOURCES.flatMap((name) => listFiles(join(ROOT, name)));
  const files = [BUNDLER, ...SETTINGS.map((name) => join(ROOT, name)), ...sources.sort()];
  const texts = files.map((path) => [path, hashOfFile(path)]);
  const variables = VARIABLES.map((name) => process.env[name]);
  // Bundles tell the paths of their sources as seen from the working folder.
  return hashOf(JSON.stringify([process.cwd(), variables, texts]));
};

const listFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const toKebab = (state: string): string => state.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
