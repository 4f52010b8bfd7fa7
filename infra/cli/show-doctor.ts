import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { httpClock } from '../../handlers/adapters/http-clock.ts';
import { newTransports } from '../../handlers/adapters/http-transport.ts';
import { type DoctorDeps, type Finding, ok } from '../../handlers/operate/doctor/check.ts';
import { examine } from '../../handlers/operate/doctor/doctor.ts';
import { orWrong } from '../../handlers/operate/doctor/or-wrong.ts';
import { readDeployed } from '../../handlers/operate/read-deployed.ts';
import type { UsageLimits } from '../../handlers/ports/usage-limits.ts';
import { onThisMachine, readFeeds } from '../feeds-folder.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { findDataFolder } from './data-folder.ts';
import type { Deployment } from './deployment/deployment.ts';
import { namesOf } from './deployment/find-on-aws.ts';
import { isOnAws } from './deployment/where.ts';
import { examineMachine, type Machine } from './doctor-machine.ts';
import { openLocalSource } from './local-source.ts';
import { placeOf } from './page-place.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

export interface ShowDoctorDeps {
  open(args: VerbArguments, io: CommandIo): Promise<Deployment>;
  readonly machine: Machine;
}

/** `millrace doctor`: what a deployment or this machine needs, and what is not as it has to be. Exit status 1 where something is wrong. */
export const showDoctor = async (
  args: VerbArguments,
  io: CommandIo,
  deps: ShowDoctorDeps,
): Promise<number> => {
  const findings = isOnAws(args) ? await examineAws(args, io, deps) : await examineHere(args, io, deps);
  const isOk = findings.every(({ state }) => state !== 'wrong');
  if (args.flags.has('json')) io.stdout.write(`${JSON.stringify({ ok: isOk, findings }, undefined, 2)}\n`);
  else show(findings, openTerminal(io, io.stdout));
  return isOk ? EXIT.done : EXIT.failed;
};

/** This machine, what the feeds of its folder need, and the local cloud where one was run. */
const examineHere = async (
  args: VerbArguments,
  io: CommandIo,
  { open, machine }: ShowDoctorDeps,
): Promise<readonly Finding[]> => {
  const data = findDataFolder(args, io);
  const feeds = await readFeeds(resolve(io.cwd, firstValue(args, 'feeds') ?? 'feeds'), onThisMachine(io.cwd));
  const { secrets } = await openLocalSource(args, io);
  const hasDeployment = ['cdk.out', 's3'].every((name) => existsSync(join(data, name)));
  const deployment = await open(args, io);
  const toStoreSecret = (id: string) => `npx millrace secret set ${id}`;
  try {
    const here = {
      isOwnMachine: true,
      readUsageLimits: async () => undefined,
      awaitsFirstLoad: async () => false,
    };
    const deps = toDeps(deployment, { feeds, secrets, toStoreSecret, ...here, signal: io.signal });
    const gone =
      hasDeployment && !existsSync(join(data, 'redshift')) ? await lookAtGone(data, deployment) : [];
    return [...examineMachine(data, machine), ...gone, ...(await examine(deps, { hasDeployment }))];
  } finally {
    await deployment.close();
  }
};

/** A first run that was killed may have left no warehouse; one that loaded had one. */
const lookAtGone = async (data: string, { records }: Deployment): Promise<readonly Finding[]> => {
  const [of, remedy] = [`folder ${join(data, 'redshift')}`, placeOf('damaged-folder')];
  const found = await orWrong(of, remedy, async () => {
    if ((await records.list('loads/')).keys.length === 0)
      return ok(of, 'is not there yet: the next run makes it');
    const says =
      'is gone, and loads were made into it: the next run makes an empty warehouse, and loads again what part files are left';
    return { of, state: 'wrong', says, remedy };
  });
  return [found];
};

const examineAws = async (
  args: VerbArguments,
  io: CommandIo,
  { open }: ShowDoctorDeps,
): Promise<readonly Finding[]> => {
  const deployment = await open(args, io);
  try {
    const feeds = Object.values((await deployment.readFeeds()) ?? {});
    const { openSecretsOnAws } = await import('./secrets-on-aws.ts');
    const secrets = openSecretsOnAws(args);
    const toStoreSecret = (id: string) => `npx millrace secret set ${id}${deployment.options}`;
    const there = {
      isOwnMachine: false,
      readUsageLimits: () => usageLimitsOf(deployment, args, io),
      awaitsFirstLoad: async () =>
        (await madeWorkgroup(deployment, args)) !== undefined &&
        (await deployment.records.list('loads/', '/')).folders.length === 0,
    };
    const deps = toDeps(deployment, { feeds, secrets, toStoreSecret, ...there, signal: io.signal });
    return await examine(deps, { hasDeployment: true });
  } finally {
    await deployment.close();
  }
};

/** The workgroup that the deployment made; undefined for a warehouse of yours, which is yours to bound. */
const madeWorkgroup = async ({ records }: Deployment, args: VerbArguments): Promise<string | undefined> => {
  const { workgroupName } = (await readDeployed(records))?.warehouse ?? {};
  return workgroupName === namesOf(firstValue(args, 'env') ?? '').warehouse ? workgroupName : undefined;
};

const usageLimitsOf = async (
  deployment: Deployment,
  args: VerbArguments,
  io: CommandIo,
): Promise<UsageLimits | undefined> => {
  const workgroupName = await madeWorkgroup(deployment, args);
  if (workgroupName === undefined) return undefined;
  const { openCaller } = await import('./deployment/signed-call.ts');
  const { readUsageLimits } = await import('./deployment/usage-limits.ts');
  return readUsageLimits(workgroupName, await openCaller(args, io));
};

const toDeps = (
  { readBucket, buckets, warehouse, clock }: Deployment,
  rest: Pick<
    DoctorDeps,
    'feeds' | 'awaitsFirstLoad' | 'secrets' | 'toStoreSecret' | 'readUsageLimits' | 'isOwnMachine' | 'signal'
  >,
): DoctorDeps => ({
  ...{ readBucket, buckets, warehouse, clock },
  ...rest,
  placeOf,
  sourceClock: httpClock({ secrets: rest.secrets, transports: newTransports() }),
});

const STYLES = { ok: 'good', wrong: 'bad', unknown: 'dim' } as const;

const show = (findings: readonly Finding[], { line, style }: Terminal): void => {
  const width = Math.max(...findings.map(({ of }) => of.length));
  for (const { of, state, says, remedy } of findings) {
    line(`${style[STYLES[state]](state.padEnd(7))} ${of.padEnd(width)}  ${says}`);
    if (remedy !== '') line(`${' '.repeat(8)}${remedy}`);
  }
};
