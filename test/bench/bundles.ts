import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleHandlers } from '../../infra/bundles.ts';
import { synthesized } from '../infra/synthesized.ts';
import { median, round } from './numbers.ts';

/** How much of a bundle Lambda unpacks, and what its start costs: each is booted in a process of its own, with the variables of the template. */

const BOOTS = 5;

/** What a deployment fills into the template's variables, where they are not texts. */
const DEPLOYED: Readonly<Record<string, string>> = {
  BUCKET: 'millrace-bucket',
  WAREHOUSE: JSON.stringify({ workgroupName: 'millrace', database: 'millrace' }),
  COPY_ROLE_ARN: 'arn:aws:iam::123456789012:role/copy',
  ADMIN_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:admin',
};

const deployed = (name: string): string => {
  const value = DEPLOYED[name];
  if (value === undefined) throw new Error(`bench knows no value of the variable ${name}`);
  return value;
};

/** What Lambda itself sets: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html. */
const OF_LAMBDA = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  _HANDLER: 'index.handler',
};

/** Tells the CPU of the whole process, Node's own start counted, in microseconds. */
const BOOT = `await import(process.argv[1]); const { user, system } = process.cpuUsage(); process.stdout.write(String(user + system)); process.exit();`;

export interface BundleResult {
  readonly kilobytes: number;
  /** Median. Bare Node is in it. */
  readonly initCpuSeconds: number;
}

export const measureBundles = (boots = BOOTS): Readonly<Record<string, BundleResult>> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bundles-'));
  try {
    const findBundle = bundleHandlers(folder, {});
    const results = [...variablesOfFunctions()].map(([state, variables]) => {
      const file = join(findBundle(state), 'index.cjs');
      const cpu = Array.from({ length: boots }, () => boot(file, variables));
      return [
        state,
        { kilobytes: round(sizeOf(findBundle(state)) / 1000), initCpuSeconds: median(cpu) },
      ] as const;
    });
    return Object.fromEntries(results);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const sizeOf = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

const boot = (file: string, variables: Readonly<Record<string, string>>): number => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', BOOT, pathToFileURL(file).href],
    { env: { ...OF_LAMBDA, ...variables }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${stderr.slice(-500)}`);
  return Number(stdout) / 1e6;
};

/** Each function's own variables by its state. */
function* variablesOfFunctions(): Generator<[string, Readonly<Record<string, string>>]> {
  const functions = synthesized().pipeline.findResources('AWS::Lambda::Function');
  for (const [id, resource] of Object.entries(functions)) {
    const state = /^Functions(?<state>[A-Z]\w+?)Function[0-9A-F]{8}$/.exec(id)?.groups?.state;
    if (state === undefined) continue;
    const { Properties } = resource as FunctionResource; // by CloudFormation's own schema
    const variables = Object.entries(Properties.Environment.Variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : deployed(name),
    ]);
    yield [state, Object.fromEntries(variables)];
  }
}

interface FunctionResource {
  readonly Properties: { readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> } };
}
