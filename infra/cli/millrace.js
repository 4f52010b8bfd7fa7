#!/usr/bin/env node
// The `millrace` command. A checkout's sources are TypeScript that Node 24 runs as they are; where the machine's own Node is
// another, the one that the project pins in node_modules takes over. An installed package has them as JavaScript, which the Node that is there runs.
import { existsSync, mkdirSync, statSync } from 'node:fs';
// By default import: a checkout's launcher runs on Node 20 too, which has no compile cache to name.
import nodeModule, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MAJOR = '24';
/** The first one with all of what an installed command uses: zstd, SQLite, and the cache of compiled code. */
const OLDEST_INSTALLED = [22, 15];
const folder = dirname(fileURLToPath(import.meta.url));
const main = join(folder, 'main.ts');
await (existsSync(main) ? runCheckout() : runInstalled());

async function runCheckout() {
  const node = process.versions.node.split('.')[0] === MAJOR ? process.execPath : findPinnedNode();
  if (node === undefined) refuse(`needs Node ${MAJOR}`, '; npm ci installs it into node_modules');
  keepCompiled();
  const { launch } = await import('./launch.js');
  launch(node, [main, ...process.argv.slice(2)]);
}

async function runInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_INSTALLED;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor))
    refuse(
      `needs Node ${OLDEST_INSTALLED.join('.')} or later`,
      `; npm install node@${MAJOR} brings one into this folder`,
    );
  const dist = join(folder, '../../dist');
  const cache = join(dist, 'node_modules/.cache/millrace');
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
  } catch {} // another user's installation: all is compiled anew
  const own = isOwn(cache) ? cache : undefined;
  if (own !== undefined) nodeModule.enableCompileCache(join(own, 'compiled'));
  passOverSqlite();
  const { runBundle } = await import(pathToFileURL(join(dist, 'infra/cli/run-bundle.js')).href);
  runBundle(join(dist, 'infra/cli/main.bundle.js'), own, process.argv[2]);
}

/** Node 22 warns of its SQLite, in front of what a verb prints; it is the one that later ones have. */
function passOverSqlite() {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (!/^SQLite is an experimental/.test(warning)) emitWarning.call(process, warning, ...rest);
  };
}

function refuse(needed, remedy) {
  process.stderr.write(`millrace: ${needed}, got ${process.versions.node}${remedy}\n`);
  process.exit(2);
}

/** The `node` package of our own dependencies, wherever npm put it. */
function findPinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    return undefined;
  }
}

/** Has the command take up what an earlier one compiled, from the cache that infra/local/install-cache.ts makes for this user alone. */
function keepCompiled() {
  const cache = join(folder, '../../node_modules/.cache/millrace');
  if (isOwn(cache)) process.env.NODE_COMPILE_CACHE ??= join(cache, 'compiled');
}

/** Whether a folder is this user's and no other may write into it; one that another user keeps closed counts as none. */
function isOwn(folder) {
  try {
    const { uid, mode } = statSync(folder);
    return uid === (process.getuid?.() ?? uid) && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}
