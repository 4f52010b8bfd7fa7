import { spawn } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { InvalidInput } from '../../shared/errors.ts';

export interface SynthesizeOptions {
  /** Folder of feed files. */
  readonly feeds: string;
  /** Where the assembly goes; what is there is replaced once the new one is whole. */
  readonly out: string;
  /** Ends the synthesis; it rejects then. */
  readonly signal?: AbortSignal;
  /** Further context, `millrace:…` keys. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** The assembly is part of the data folder. */
const PRIVATE_UMASK = new URL('./private-umask.ts', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Synthesizes the CDK app as `cdk synth` does, with sources on this machine allowed. Throws InvalidInput with what the
 * app printed.
 */
export const synthesize = async (options: SynthesizeOptions): Promise<string> => {
  const { out } = options;
  // Beside its place, so that it is renamed and not copied. A synthesis that was killed may have left one.
  const fresh = `${out}.new`;
  await rm(fresh, { recursive: true, force: true });
  try {
    await runApp({ ...options, out: fresh });
    await rm(out, { recursive: true, force: true });
    await rename(fresh, out);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  return out;
};

const runApp = async ({ feeds, out, signal, context = {} }: SynthesizeOptions): Promise<void> => {
  const child = spawn(process.execPath, ['--import', PRIVATE_UMASK, 'infra/app.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({
        'millrace:feeds': feeds,
        'millrace:env': 'local',
        'millrace:loopbackSources': true,
        ...context,
      }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  const [printed, status] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }),
  ]);
  if (status !== 0) throw new InvalidInput(`synthesis failed with status ${status}:\n${printed.trim()}`);
};
