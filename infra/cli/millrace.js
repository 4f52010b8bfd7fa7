#!/usr/bin/env node
// The `millrace` command. The sources are TypeScript that Node 24 runs as they are; where the machine's own Node is
// another, the one that the project pins in node_modules takes over.
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './launch.js';

const MAJOR = '24';
const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
const node = process.versions.node.split('.')[0] === MAJOR ? process.execPath : findPinnedNode();
if (node === undefined) {
  process.stderr.write(
    `millrace: needs Node ${MAJOR}, got ${process.versions.node}; npm ci installs it into node_modules\n`,
  );
  process.exit(2);
}
keepCompiled();
launch(node, [main, ...process.argv.slice(2)]);

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
  const cache = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/.cache/millrace');
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
