import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { bundleSources } from '../bundles.ts';
import { makeFolder } from '../make-folder.ts';
import { bundleCommand } from './bundle-command.ts';

/**
 * `npm run build`: makes dist/, which is what an installed package runs. Node reads no types below node_modules, so that the sources are there as
 * JavaScript, file by file, in the same folders. The command is there as one file, and handlers as bundles, for synthesis without a compiler.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'dist');
const SOURCES = ['infra', 'handlers', 'shared'];
/** What alone uses types: whoever has an app of their own. */
const TYPED = 'infra/index.ts';

/** A file of ours that a text names by its place: an import, or what a process is started with. */
const OUR_FILE = /(?<=(['"])(?:\.{1,2}|infra)\/[\w./-]+)\.ts(?=\1)/g;
const toBuilt = (text: string): string => text.replaceAll(OUR_FILE, '.js');

const compile = (): void => {
  for (const path of SOURCES.flatMap(listFiles)) {
    const target = join(DIST, path);
    makeFolder(dirname(target));
    if (!path.endsWith('.ts')) {
      copyFileSync(join(ROOT, path), target);
      continue;
    }
    const { code } = transformSync(toBuilt(readFileSync(join(ROOT, path), 'utf8')), {
      loader: 'ts',
      format: 'esm',
      target: 'node22',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    writeFileSync(target.replace(/\.ts$/, '.js'), code);
  }
};

const declareTypes = (): void => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', DIST];
  const config = join(DIST, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ extends: '../tsconfig.json', files: [`../${TYPED}`], include: [] }));
  execFileSync(process.execPath, [tsc, '-p', config, '--rootDir', ROOT, ...options], { stdio: 'inherit' });
  rmSync(config);
  for (const path of listFiles('dist').filter((name) => name.endsWith('.d.ts'))) {
    writeFileSync(join(ROOT, path), toBuilt(readFileSync(join(ROOT, path), 'utf8')));
  }
};

const addBundles = (): void => {
  for (const [name, contents] of bundleSources().outputs) {
    const target = join(DIST, 'bundles', name);
    makeFolder(dirname(target));
    writeFileSync(target, contents);
  }
};

const addRest = (): void => {
  const { name, version, type } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(DIST, 'package.json'), JSON.stringify({ name, version, type }));
  // The samples of `demo` and `init`; what is this machine's own stays here.
  cpSync(join(ROOT, 'feeds'), join(DIST, 'feeds'), {
    recursive: true,
    filter: (path) => !/connections\.\w+\.yaml$/.test(path),
  });
};

const listFiles = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));

rmSync(DIST, { recursive: true, force: true });
compile();
addBundles();
addRest();
await bundleCommand(DIST);
declareTypes();
