import { join } from 'node:path';
import * as z from 'zod';
import { readDeployed } from '../../../handlers/operate/read-deployed.ts';
import { ServiceRefused } from '../../../shared/errors.ts';
import type { CommandIo } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { openDeployment } from '../deployment/open-deployment.ts';
import type { CallService } from '../deployment/signed-call.ts';
import { isOnAws } from '../deployment/where.ts';
import { findTraces } from '../trace/open-traced.ts';
import type { ReadTraces } from '../trace/waterfall.ts';
import type { VerbArguments } from '../verbs/verb.ts';

/** What the warehouse is billed by: RPU, or why that is not known. */
export type Capacity = { readonly rpu: number } | { readonly why: string };

/** What costs are read of. */
export interface CostedDeployment
  extends Pick<Deployment, 'records' | 'inventory' | 'clock' | 'readFeeds' | 'close'> {
  /** Whether it is this machine, and no bill comes. */
  readonly isLocal: boolean;
  readonly readTraces: ReadTraces;
  readCapacity(): Promise<Capacity>;
}

export type OpenCosted = (args: VerbArguments, io: CommandIo) => Promise<CostedDeployment>;

export const openCosted: OpenCosted = async (args, io) => {
  const deployment = await openDeployment(args, io);
  const isLocal = !isOnAws(args);
  return {
    ...deployment,
    isLocal,
    readTraces: await findTraces(args, io),
    readCapacity: () =>
      isLocal
        ? readLocalCapacity(join(findDataFolder(args, io), 'cdk.out'))
        : readCapacityOnAws(deployment, args, io),
  };
};

const PROVISIONED = 'the warehouse is a provisioned cluster, which costs the same whatever is loaded';
const GIVE = 'give it with --rpu N';

const localWorkgroup = z.object({ BaseCapacity: z.number() });

/** As the templates of the local cloud have it: that of the workgroup that a deployment would make. */
const readLocalCapacity = async (assembly: string): Promise<Capacity> => {
  const { readTemplates } = await import('../../local/assembly/template.ts');
  const resources = (await readTemplates(assembly)).flatMap((stack) => Object.values(stack.resources));
  const workgroup = resources.find(({ Type }) => Type === 'AWS::RedshiftServerless::Workgroup');
  const parsed = localWorkgroup.safeParse(workgroup?.Properties);
  return parsed.success
    ? { rpu: parsed.data.BaseCapacity }
    : { why: `no workgroup of ${assembly} says its base capacity; ${GIVE}` };
};

const answer = z.object({ workgroup: z.object({ baseCapacity: z.number().optional() }) });

const readCapacityOnAws = async (
  { records }: Deployment,
  args: VerbArguments,
  io: CommandIo,
): Promise<Capacity> => {
  const { workgroupName } = (await readDeployed(records))?.warehouse ?? {};
  if (workgroupName === undefined) return { why: PROVISIONED };
  const { openCaller } = await import('../deployment/signed-call.ts');
  return readWorkgroupCapacity(workgroupName, await openCaller(args, io));
};

/** https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_GetWorkgroup.html; who may not ask that is told what to type. */
export const readWorkgroupCapacity = async (workgroupName: string, call: CallService): Promise<Capacity> => {
  const target = 'RedshiftServerless.GetWorkgroup';
  try {
    const input = { workgroupName };
    const { workgroup } = answer.parse(
      await call({ service: 'redshift-serverless', path: '/', target, input }),
    );
    const { baseCapacity: rpu } = workgroup;
    return rpu === undefined ? { why: `workgroup ${workgroupName} has no base capacity; ${GIVE}` } : { rpu };
  } catch (error) {
    if (!(error instanceof ServiceRefused)) throw error;
    return { why: `the base capacity could not be read, ${GIVE}: ${error.message}` };
  }
};
