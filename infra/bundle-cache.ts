import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';

/**
 * The variable that names the file in which a synthesis finds what an earlier one bundled. The local cloud sets it; a deployment does
 * not, and bundles all anew.
 */
export const BUNDLE_CACHE = 'MILLRACE_BUNDLE_CACHE';

/** Texts by their names below the folder that they go to. */
export type Outputs = ReadonlyMap<string, Uint8Array>;

export interface Bundled {
  /** Paths of all files that were read. */
  readonly inputs: readonly string[];
  readonly outputs: Outputs;
}

export interface BundleOnceOptions {
  /** Where the outputs are kept; undefined where they are not. */
  readonly cache: string | undefined;
  /** A digest of what decides, beside the inputs' texts, what comes out: settings, versions, which files there are. */
  readonly digest: () => string;
  readonly bundle: () => Bundled;
}

/** What stands before the outputs, which follow one after the other. */
const head = z.strictObject({
  digest: z.string(),
  /** Path and digest of each file that was read. */
  inputs: z.array(z.tuple([z.string(), z.string().nullable()])),
  /** Name and length of each output. */
  outputs: z.array(z.tuple([z.string(), z.int().nonnegative()])),
});

const NEWLINE = 10;

/** Bundles, or takes what was bundled of the same inputs before. What is kept and is not whole counts for nothing. */
export const bundleOnce = ({ cache, digest, bundle }: BundleOnceOptions): Outputs => {
  if (cache === undefined) return bundle().outputs;
  const before = digest();
  const kept = read(cache, before);
  if (kept !== undefined) return kept;
  const { inputs, outputs } = bundle();
  // What changed meanwhile may be in it or not: nobody shall rely on it.
  if (digest() === before) keep(cache, before, { inputs, outputs });
  return outputs;
};

const read = (cache: string, digest: string): Outputs | undefined => {
  try {
    const [sum, rest] = cutLine(readFileSync(cache));
    if (sum !== hashOf(rest)) return undefined;
    const [text, bytes] = cutLine(rest);
    const { inputs, outputs, ...made } = head.parse(JSON.parse(text));
    if (made.digest !== digest || inputs.some(([path, hash]) => hashOfFile(path) !== hash)) return undefined;
    return cutOutputs(outputs, bytes);
  } catch {
    return undefined; // none yet, or one that another version of ours has written
  }
};

/** In one file that is renamed to its place: it is there whole or not at all, and the one before it goes. */
const keep = (cache: string, digest: string, { inputs, outputs }: Bundled): void => {
  const made: z.infer<typeof head> = {
    digest,
    inputs: inputs.map((path) => [path, hashOfFile(path)]),
    outputs: [...outputs].map(([name, text]) => [name, text.byteLength]),
  };
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(made)}\n`), ...outputs.values()]);
  const draft = `${cache}.draft-${process.pid}`;
  try {
    writeFileSync(draft, Buffer.concat([Buffer.from(`${hashOf(rest)}\n`), rest]), { mode: 0o600 });
    renameSync(draft, cache);
  } catch {
    rmSync(draft, { force: true }); // a full disk: the next synthesis bundles again
  }
};

const cutOutputs = (lengths: readonly (readonly [string, number])[], bytes: Buffer): Outputs => {
  let end = 0;
  return new Map(
    lengths.map(([name, length]) => {
      end += length;
      return [name, bytes.subarray(end - length, end)];
    }),
  );
};

const cutLine = (bytes: Buffer): [line: string, rest: Buffer] => {
  const end = bytes.indexOf(NEWLINE);
  return [bytes.toString('utf8', 0, end), bytes.subarray(end + 1)];
};

export const hashOf = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Null for a file that is not there. */
export const hashOfFile = (path: string): string | null => {
  try {
    return hashOf(readFileSync(path));
  } catch {
    return null;
  }
};
