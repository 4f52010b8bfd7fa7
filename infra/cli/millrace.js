#!/usr/bin/env node
// The `millrace` command. The sources are TypeScript that Node 24 runs as they are; where the machine's own Node is
// another, the one that the project pins in node_modules takes over.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAJOR = '24';
const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, 'main.ts');

if (process.versions.node.split('.')[0] === MAJOR) {
  await import('./main.ts');
} else {
  const node = findPinnedNode();
  if (node === undefined) {
    process.stderr.write(
      `millrace: needs Node ${MAJOR}, got ${process.versions.node}; npm ci installs it into node_modules\n`,
    );
    process.exit(2);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both, so it is passed on only where there is none; the child answers, and this process waits.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`millrace: ${node} does not start: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) =>
    process.exit(signal === null ? (code ?? 1) : signal === 'SIGINT' ? 130 : 1),
  );
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
