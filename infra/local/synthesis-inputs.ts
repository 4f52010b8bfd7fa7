import { createHash } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere } from '../read-if-there.ts';
import { PRIVATE_FILE } from './private-files.ts';

/** What an assembly was made of, kept in it: so it comes and goes with it, and is there only where all of it is. */
const STAMP = 'millrace-inputs.json';

const stamp = z.strictObject({
  /** Of all that synthesis read. */
  inputs: z.string(),
  /** Of the names, sizes and times of the files that it wrote. */
  outputs: z.string(),
});

export interface SynthesisInputs {
  /** The project's own folder. */
  readonly root: string;
  /** Folder of feed files. */
  readonly feeds: string;
  /** As the app gets it. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** Folders whose sources the app runs or bundles. */
const SOURCES = ['infra', 'handlers', 'shared'];
/** Beside them: what esbuild and Node read, and the versions of all packages, as asked for and as installed. */
const SETTINGS = [
  'package.json',
  'tsconfig.json',
  'cdk.json',
  'package-lock.json',
  'node_modules/.package-lock.json',
];
/** Variables that the CDK, Node and esbuild look at. */
const VARIABLES = /^(CDK|JSII|NODE|ESBUILD)_/;

/** A digest of all that synthesis reads; two that are equal give the same assembly. */
export const digestInputs = async ({ root, feeds, context }: SynthesisInputs): Promise<string> => {
  const hash = createHash('sha256');
  const variables = Object.entries(process.env).filter(([name]) => VARIABLES.test(name));
  hash.update(JSON.stringify([process.version, process.platform, process.arch, feeds, context]));
  hash.update(JSON.stringify(variables.sort(([a], [b]) => (a < b ? -1 : 1))));
  const sources = await Promise.all(SOURCES.map((folder) => listFiles(join(root, folder))));
  const settings = SETTINGS.map((name) => join(root, name));
  const yaml = (await readdir(feeds).catch(() => [])).filter((name) => name.endsWith('.yaml'));
  for (const path of [...sources.flat(), ...settings, ...yaml.sort().map((name) => join(feeds, name))]) {
    const text = await readIfThere(path);
    hash.update(JSON.stringify([path, text === undefined ? null : Buffer.byteLength(text)]));
    hash.update(text ?? '');
  }
  return hash.digest('hex');
};

/** Whether an assembly was made of these inputs, and nobody has changed it since. */
export const isMadeOf = async (assembly: string, inputs: string): Promise<boolean> => {
  const text = await readIfThere(join(assembly, STAMP));
  const parsed = stamp.safeParse(text === undefined ? undefined : parseJson(text));
  return (
    parsed.success && parsed.data.inputs === inputs && parsed.data.outputs === (await digestOutputs(assembly))
  );
};

/** Says in an assembly what it was made of. */
export const writeStamp = async (assembly: string, inputs: string): Promise<void> => {
  const outputs = await digestOutputs(assembly);
  const text = JSON.stringify({ inputs, outputs } satisfies z.infer<typeof stamp>);
  await writeFile(join(assembly, STAMP), text, PRIVATE_FILE);
};

const digestOutputs = async (assembly: string): Promise<string> => {
  const hash = createHash('sha256');
  for (const path of await listFiles(assembly)) {
    const name = path.slice(assembly.length + 1);
    if (name === STAMP) continue;
    const { size, mtimeMs } = await stat(path);
    hash.update(JSON.stringify([name, size, mtimeMs]));
  }
  return hash.digest('hex');
};

/** All files below a folder, in an order of their own; none where it is not there. */
const listFiles = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
