import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Jazz, startJazz } from '../local/jazz/server.ts';
import { makePrivateFolder, PRIVATE_FILE } from '../local/private-files.ts';
import { UsageError } from './command-io.ts';
import { storeSecret } from './store-secret.ts';

/** The demo's source: the sample server, and a feeds folder whose connection leads to it. */
export interface DemoSource {
  readonly jazz: Jazz;
  readonly items: number;
  readonly feedsDir: string;
  readonly sampleFile: string;
  readonly secrets: Readonly<Record<string, unknown>>;
  /** The simulated time at the source. */
  now(): Date;
  /** Changes n work items, and remembers it for the next demo on the same folder. */
  change(n: number): Promise<readonly number[]>;
}

/** The sample server's port, where nobody else has it; then any free one. */
export const JAZZ_PORT = 9481;

const SECRET = 'millrace/jazz';
const LOGIN = { username: 'sample', password: 'not-a-secret' } as const;
const ITEMS_DEFAULT = 5000;

/** What the sample server was told so far: enough to be the same server again. */
const history = z.strictObject({ seed: z.int(), items: z.int().min(1), changes: z.array(z.int()) });
type History = z.infer<typeof history>;

const SAMPLES = fileURLToPath(new URL('../../feeds/', import.meta.url));

/** Starts the sample server as the data folder's last demo left it. Throws UsageError. */
export const openDemoSource = async (data: string, items: string | undefined): Promise<DemoSource> => {
  makePrivateFolder(data);
  const path = join(data, 'jazz.json');
  const known = await readHistory(path, toItems(items));
  const jazz = await startOnAnyPort(known);
  for (const n of known.changes) jazz.change(n);
  // Among the folder's other secrets, so that `run` finds it too.
  const secrets = await storeSecret(data, SECRET, LOGIN);
  await writeFile(path, JSON.stringify(known), PRIVATE_FILE);
  return {
    jazz,
    items: known.items,
    feedsDir: await writeFeeds(data, jazz.url),
    sampleFile: join(SAMPLES, 'samples', 'inspections.xml'),
    secrets,
    now: () => new Date(jazz.now()),
    change: async (n) => {
      known.changes.push(n);
      await writeFile(path, JSON.stringify(known), PRIVATE_FILE);
      return jazz.change(n);
    },
  };
};

const ITEMS_MAX = 10_000_000;

const toItems = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const items = Number(text);
  if (/^\d+$/.test(text) && items >= 1 && items <= ITEMS_MAX) return items;
  throw new UsageError(`--items takes 1 to ${ITEMS_MAX}, got ${JSON.stringify(text)}`);
};

const readHistory = async (path: string, items: number | undefined): Promise<History> => {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return { seed: 1, items: items ?? ITEMS_DEFAULT, changes: [] };
  const known = history.parse(JSON.parse(text));
  if (items === undefined || items === known.items) return known;
  throw new UsageError(
    `--items ${items}: this folder's sample server has ${known.items}; take another --data for another number`,
  );
};

const startOnAnyPort = async ({ seed, items }: History): Promise<Jazz> => {
  const options = { seed, items, login: { kind: 'form', ...LOGIN } } as const;
  try {
    return await startJazz({ ...options, port: JAZZ_PORT });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return startJazz(options);
    throw error;
  }
};

/** Copies the sample feeds as they are, and points their connection at the sample server. */
const writeFeeds = async (data: string, url: string): Promise<string> => {
  const folder = join(data, 'feeds');
  makePrivateFolder(folder);
  for (const name of ['work_items.yaml', 'inspections.yaml'])
    await writeFile(join(folder, name), await readFile(join(SAMPLES, name)), PRIVATE_FILE);
  const connections = `# Written by the demo: the sample Jazz server of this run.
jazz:
  baseUrl: "${url}"
  auth: { kind: jazz, secret: ${SECRET} }
  limits: { concurrency: 4, idleTimeout: 60s }
`;
  await writeFile(join(folder, 'connections.yaml'), connections, PRIVATE_FILE);
  return folder;
};
