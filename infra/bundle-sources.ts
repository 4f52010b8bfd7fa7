import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import type { Bundled } from './bundle-cache.ts';

/**
 * Bundles every handler of the sources and writes them to its output. A process of its own: what leaves parts of packages out
 * is a plugin, esbuild takes plugins only where it is waited for, and a construct cannot wait.
 */

const HANDLERS = fileURLToPath(new URL('../handlers', import.meta.url));
const adapter = (name: string): string => join(HANDLERS, 'adapters', name);

/** A package's file, by the end of its path, and what is bundled of its text. */
interface Rule {
  readonly files: RegExp;
  readonly toBundled: (text: string) => string;
}

const CONSTANT = /^const (\w+) = ("[^"\n]*");$/gm;

const RULES: readonly Rule[] = [
  {
    // Shapes of all operations of a service; behind a computed key esbuild suspects a side effect, and keeps those that nothing uses.
    files: /@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/,
    toBundled: (text) => {
      const values = new Map([...text.matchAll(CONSTANT)].map(([, name = '', value = '']) => [name, value]));
      return text.replaceAll(/\[(\w+)\]:/g, (key, name: string) =>
        values.has(name) ? `${values.get(name)}:` : key,
      );
    },
  },
  {
    // What captures calls of clients and requests: trace-calls.ts does, and shows no more than it says.
    files:
      /aws-xray-sdk-core\/dist\/lib\/(?:patchers\/\w+|database\/sql_data|segments\/(?:plugins\/\w+|attributes\/aws)|middleware\/incoming_request_data)\.js$/,
    toBundled: () => 'module.exports = {};',
  },
  {
    // A schema as JSON Schema is for editors. Each function of these files gives one that refuses.
    files: /zod\/v4\/core\/(?:to-json-schema|json-schema-processors)\.js$/,
    toBundled: (text) => {
      const names = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
      const refuse = 'const refuse = () => { throw new Error("a bundle makes no JSON Schema"); };';
      return [refuse, ...names.map((name) => `export const ${name} = () => refuse;`)].join('\n');
    },
  },
];

const leaveOut: Plugin = {
  name: 'leave-out',
  setup: ({ onLoad }) => {
    for (const { files, toBundled } of RULES) {
      onLoad({ filter: files }, async ({ path }) => ({ contents: toBundled(await readFile(path, 'utf8')) }));
    }
  },
};

const OPTIONS = {
  bundle: true,
  // A module that imports node:http loads fetch, WebSocket and all that Node has for them; require('node:http') does not.
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  alias: {
    '@aws-sdk/credential-provider-node': adapter('lambda-credentials.ts'),
    '@smithy/core/event-streams': adapter('no-event-streams.ts'),
    'cls-hooked/context': adapter('xray-context.ts'),
  },
  plugins: [leaveOut],
  // A third of the bytes to load and compile; names stand in stacks and are what errors are caught by.
  minify: true,
  keepNames: true,
  // One character beyond Latin-1 makes V8 hold and read all of a file as UTF-16.
  charset: 'ascii',
  legalComments: 'none',
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'error',
} as const satisfies BuildOptions;

const bundle = async (): Promise<Bundled> => {
  const handlers = readdirSync(HANDLERS).filter((file) => file.endsWith('.handler.ts'));
  const { metafile, outputFiles } = await build({
    ...OPTIONS,
    alias: { ...OPTIONS.alias },
    plugins: [...OPTIONS.plugins],
    entryPoints: handlers.map((file) => ({
      in: join(HANDLERS, file),
      out: join(file.replace('.handler.ts', ''), 'index'),
    })),
    // Names alone: nothing is written there.
    outdir: HANDLERS,
    write: false,
    metafile: true,
  });
  return {
    inputs: Object.keys(metafile.inputs),
    outputs: new Map(outputFiles.map(({ path, contents }) => [relative(HANDLERS, path), contents])),
  };
};

process.stdout.write(serialize(await bundle()));
