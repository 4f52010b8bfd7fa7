import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { InvalidInput } from '../../shared/errors.ts';

export interface SynthesizeOptions {
  /** Folder of feed files. */
  readonly feeds: string;
  /** Where the assembly goes; what is there is replaced. */
  readonly out: string;
  /** Ends the synthesis; it rejects then. */
  readonly signal?: AbortSignal;
  /** Further context, `millrace:…` keys. */
  readonly context?: Readonly<Record<string, unknown>>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Synthesizes the CDK app as `cdk synth` does, with sources on this machine allowed. Throws InvalidInput with what the
 * app printed.
 */
export const synthesize = async ({
  feeds,
  out,
  signal,
  context = {},
}: SynthesizeOptions): Promise<string> => {
  await rm(out, { recursive: true, force: true });
  const child = spawn(process.execPath, ['infra/app.ts'], {
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
  return out;
};
