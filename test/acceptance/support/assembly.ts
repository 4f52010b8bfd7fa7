import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { synthesize } from '../../../infra/local/synthesize.ts';
import { feedsFile } from '../../../shared/model/feed.ts';

/** Whoever comes first synthesizes; the others wait so long. */
const PATIENCE_MS = 240_000;
const JAZZ = 'http://127.0.0.1:1';

/** The assembly of the sample feeds, synthesized once in a run of the tests whichever files need it. */
const sharedAssembly = async (folder: string): Promise<string> => {
  const out = join(folder, 'cdk.out');
  const lock = new DatabaseSync(join(folder, 'synthesis.sqlite'), { timeout: PATIENCE_MS });
  lock.exec('BEGIN EXCLUSIVE');
  try {
    if (!existsSync(join(out, 'whole'))) {
      await synthesize({ feeds: await writeFeeds(join(folder, 'feeds')), out });
      await writeFile(join(out, 'whole'), '');
    }
    return out;
  } finally {
    lock.close();
  }
};

const writeFeeds = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  for (const name of ['work_items.yaml', 'inspections.yaml'])
    await cp(join('feeds', name), join(folder, name));
  await writeFile(
    join(folder, 'connections.yaml'),
    `jazz:
  baseUrl: "${JAZZ}"
  auth: { kind: basic, secret: millrace/jazz }
  limits: { concurrency: 4, idleTimeout: 60s }
`,
  );
  return folder;
};

export interface AssemblyOptions {
  /** The run's common folder. */
  readonly shared: string;
  readonly out: string;
  readonly jazzUrl: string;
  readonly pageSize: number;
  /** What the feed of files reads in ranges from. @default nothing */
  readonly splitBytes?: number | undefined;
}

/** A copy of the assembly whose feeds, which the functions carry beside them, lead to this source in pages of this size. */
export const copyAssembly = async (options: AssemblyOptions): Promise<string> => {
  const { shared, out, jazzUrl, pageSize, splitBytes } = options;
  await cp(await sharedAssembly(shared), out, { recursive: true });
  for (const folder of await readdir(out)) {
    const path = join(out, folder, 'feeds.json');
    if (!existsSync(path)) continue;
    const text = (await readFile(path, 'utf8'))
      .replaceAll(JAZZ, jazzUrl)
      .replaceAll('"size","500"', `"size","${pageSize}"`)
      .replaceAll(
        '"kind":"s3"',
        splitBytes === undefined ? '"kind":"s3"' : `"kind":"s3","splitBytes":${splitBytes}`,
      );
    feedsFile.parse(JSON.parse(text));
    await writeFile(path, text);
  }
  return out;
};

const template = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.looseObject({
        Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional(),
      }),
    }),
  ),
});

const PIPELINE = /pipeline.*\.template\.json$/i;

/** Gives an assembly a machine `Caught` that does nothing, and a rule that starts it with each event of ours of these types. */
export const catchEvents = async (assembly: string, detailTypes: readonly string[]): Promise<void> => {
  for (const file of (await readdir(assembly)).filter((name) => PIPELINE.test(name))) {
    const path = join(assembly, file);
    const whole = JSON.parse(await readFile(path, 'utf8'));
    const find = (id: RegExp, type: string): string =>
      Object.entries(template.parse(whole).Resources).find(
        ([name, { Type }]) => Type === type && id.test(name),
      )?.[0] ?? '';
    const sweep = find(/^Sweep/, 'AWS::StepFunctions::StateMachine');
    const machine = structuredClone(whole.Resources[sweep]);
    machine.Properties.DefinitionString = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Caught',
      States: { Caught: { Type: 'Succeed' } },
      TimeoutSeconds: 10,
    });
    // As the rule that starts Load, and by the right that it has.
    const copy = (id: string) =>
      JSON.parse(
        JSON.stringify(whole.Resources[id]).replaceAll(/LoadMachine[0-9A-F]{8}(?=")/g, 'CaughtMachine'),
      );
    const rule = copy(find(/^NextLoad/, 'AWS::Events::Rule'));
    rule.Properties.EventPattern = { source: ['millrace'], 'detail-type': detailTypes };
    const policy = copy(find(/^LoadMachineEventsRoleDefaultPolicy/, 'AWS::IAM::Policy'));
    policy.Properties.PolicyName = 'CaughtPolicy';
    Object.assign(whole.Resources, { CaughtMachine: machine, CaughtRule: rule, CaughtPolicy: policy });
    await writeFile(path, JSON.stringify(whole));
  }
};

/** Gives the steps of an execution so many seconds in an assembly, in place of 230. */
export const shortenSteps = async (assembly: string, seconds: number): Promise<void> => {
  for (const file of await readdir(assembly)) {
    if (!PIPELINE.test(file)) continue;
    const path = join(assembly, file);
    const whole = JSON.parse(await readFile(path, 'utf8'));
    for (const [id, { Type, Properties }] of Object.entries(template.parse(whole).Resources)) {
      if (Type !== 'AWS::Lambda::Function' || !/PlanBatch|ExtractSlice/.test(id)) continue;
      whole.Resources[id].Properties.Environment.Variables = {
        ...Properties.Environment?.Variables,
        STEP_SECONDS: String(seconds),
      };
    }
    await writeFile(path, JSON.stringify(whole));
  }
};
