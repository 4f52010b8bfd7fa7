import { spawn } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { InvalidInput } from '../../shared/errors.ts';
import { bundleCache, compileCache } from './install-cache.ts';
import { digestInputs, isMadeOf, writeStamp } from './synthesis-inputs.ts';

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
 * Synthesizes the CDK app as `cdk synth` does, with sources on this machine allowed; where nothing that synthesis reads has
 * changed since `out` was made, that stays. Throws InvalidInput with what the app printed.
 */
export const synthesize = async (options: SynthesizeOptions): Promise<string> => {
  const { out, signal } = options;
  signal?.throwIfAborted();
  const context = contextOf(options);
  const digest = () => digestInputs({ root: ROOT, feeds: options.feeds, context });
  const inputs = await digest();
  if (await isMadeOf(out, inputs)) return out;
  // Beside its place, so that it is renamed and not copied. A synthesis that was killed may have left one.
  const fresh = `${out}.new`;
  await rm(fresh, { recursive: true, force: true });
  try {
    await runApp(fresh, context, signal);
    // What changed meanwhile may be in it or not: the next synthesis shall not rely on it.
    if ((await digest()) === inputs) await writeStamp(fresh, inputs);
    await rm(out, { recursive: true, force: true });
    await rename(fresh, out);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  return out;
};

const contextOf = ({ feeds, context = {} }: SynthesizeOptions): Readonly<Record<string, unknown>> => ({
  'millrace:feeds': feeds,
  'millrace:connections': 'local',
  'millrace:loopbackSources': true,
  // One machine is one network: any subnet will do for sources of a private one.
  'millrace:sourceSubnetIds': 'subnet-00000000',
  'millrace:sourceSecurityGroupIds': 'sg-00000000',
  ...context,
});

const runApp = async (
  out: string,
  context: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const child = spawn(process.execPath, ['--import', PRIVATE_UMASK, 'infra/app.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...compileCache(),
      ...bundleCache(),
      // CloudFormation's rules take a third of the time, and no feed can break them; `npm run synth` and a deployment check them.
      // The feature flag of that name only makes warnings of what they find.
      CDK_VALIDATION: 'false',
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify(context),
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
