import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf, hashOfFile } from '../../bundle-cache.ts';
import { installCache, makeCached } from '../install-cache.ts';

const SOURCES = ['./bootstrap.ts', '../ignore-interrupts.ts', '../time-ahead.ts'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
const [BOOTSTRAP = ''] = SOURCES;

/**
 * The file that each function's process runs: the bootstrap as JavaScript, made once an installation. Node's own reading of types
 * costs a process 50 ms of CPU, more than its start. Where nothing can be kept, the source itself; an installed package has it as JavaScript.
 */
export const bootstrapFile = async (cache = installCache()): Promise<string> => {
  if (cache === undefined || !BOOTSTRAP.endsWith('.ts')) return BOOTSTRAP;
  const { build, version } = await import('esbuild');
  const hash = hashOf(JSON.stringify([version, ...SOURCES.map(hashOfFile)]));
  const folder = join(cache, `bootstrap-${hash.slice(0, 16)}`);
  const file = join(folder, 'bootstrap.mjs');
  if (!existsSync(file)) await makeCached(folder, (draft) => compile(build, join(draft, 'bootstrap.mjs')));
  return file;
};

const compile = async (build: typeof import('esbuild').build, file: string): Promise<void> => {
  const { outputFiles } = await build({
    entryPoints: [BOOTSTRAP],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    logLevel: 'error',
  });
  for (const { contents } of outputFiles) writeFileSync(file, contents);
};
