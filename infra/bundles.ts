import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { FeedsFile } from '../shared/model/feed.ts';

/** Finds the folder of a state's bundled handler: `PlanBatch` is handlers/plan-batch.handler.ts. */
export type FindBundle = (state: string) => string;

/** The functions that read feeds, and so change when a feed does. All others read records. */
const READ_FEEDS = ['PlanBatch', 'Sweep'];

const HANDLERS = fileURLToPath(new URL('../handlers', import.meta.url));

/** Bundles every handler into a folder of its own below `outdir`, in one run: NodejsFunction's run for each takes five times as long. */
export const bundleHandlers = (outdir: string, feeds: FeedsFile): FindBundle => {
  const folder = join(outdir, 'bundles');
  const handlers = readdirSync(HANDLERS).filter((file) => file.endsWith('.handler.ts'));
  buildSync({
    entryPoints: handlers.map((file) => ({
      in: join(HANDLERS, file),
      out: join(file.replace('.handler.ts', ''), 'index'),
    })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    // The X-Ray SDK is CommonJS inside an ES module.
    banner: {
      js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const findBundle: FindBundle = (state) => join(folder, toKebab(state));
  for (const state of READ_FEEDS) {
    writeFileSync(join(findBundle(state), 'feeds.json'), JSON.stringify(feeds));
  }
  return findBundle;
};

const toKebab = (state: string): string => state.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
