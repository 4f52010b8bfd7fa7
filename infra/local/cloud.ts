import { join } from 'node:path';
import { InvalidInput } from '../../shared/errors.ts';
import { knownDefinitions } from './asl/known-definitions.ts';
import { loadDefinition } from './asl/load-machine.ts';
import type { Machine } from './asl/run-machine.ts';
import { type Assembly, readAssembly } from './assembly/assembly.ts';
import { realClock } from './clock.ts';
import { writeCloudFiles } from './cloud-files.ts';
import { createBus, type EventBus } from './eventbridge/bus.ts';
import { type AsyncInvocations, createAsyncInvocations } from './executions/async-invocations.ts';
import { type Chance, createChance } from './executions/chance.ts';
import { createEngine, type Engine } from './executions/engine.ts';
import { type Journal, openJournal } from './executions/journal.ts';
import { createTasks } from './executions/tasks.ts';
import type { FaultsNow } from './faults-now.ts';
import { type Rights, toCaller } from './iam/access.ts';
import type { AccessKey } from './iam/access-key.ts';
import { type IssuedKeys, issueKeys } from './iam/issue-keys.ts';
import { readAccess } from './iam/read-access.ts';
import { untilIdle } from './idle.ts';
import { bootstrapFile } from './lambda/bootstrap-file.ts';
import { openFunctionLogs } from './lambda/function-logs.ts';
import { createPool, type LambdaPool } from './lambda/pool.ts';
import { COMPILED, variablesOf } from './lambda/variables.ts';
import type { Faults, LocalCloud, LocalCloudOptions } from './local-cloud.ts';
import { startPace } from './pace.ts';
import { makePrivateFolder } from './private-files.ts';
import { createScheduler, type Scheduler } from './schedules/scheduler.ts';
import { type Services, startServices } from './services.ts';
import { newStarted, type Started } from './started.ts';
import { lockFolder } from './take-lock.ts';
import { createTraces } from './tracing.ts';

/**
 * Runs a cloud assembly on this machine. What an earlier run on the same folder left unended, however it stopped, goes
 * on. Throws InvalidInput for an assembly that it does not know how to run, and for a folder that is in use.
 */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  return start(options, await loadAssembly(options.assembly));
};

const loadAssembly = async (folder: string): Promise<Loaded> => {
  const assembly = await readAssembly(folder);
  return { assembly, rights: readAccess(assembly), machines: await loadMachines(assembly) };
};

const loadMachines = async ({ machines }: Assembly): Promise<ReadonlyMap<string, Machine>> => {
  const known = knownDefinitions();
  const loaded = machines.map(async ({ name, arn, roleArn, definition }) => {
    return [name, { name, arn, roleArn, definition: await loadDefinition(name, definition, known) }] as const;
  });
  return new Map(await Promise.all(loaded));
};

/** What is read of the assembly before anything runs. */
interface Loaded {
  readonly assembly: Assembly;
  readonly rights: Rights;
  readonly machines: ReadonlyMap<string, Machine>;
}

/** What is started is closed in the opposite order, and at once where something after it does not start. */
const start = async (options: LocalCloudOptions, loaded: Loaded): Promise<LocalCloud> => {
  const { assembly, rights } = loaded;
  const deployed = { now: loaded };
  const { data, onProgress = () => {}, timeScale = 1 } = options;
  await using started = newStarted();
  if (options.isLocked !== true) started.adopt(lockFolder(data), (lock) => lock.release());
  const control = createControl(options);
  const { chance, faults, onStruck } = control;
  const keys = issueKeys(assembly);
  const journal = started.adopt(openJournal(join(data, 'journal.sqlite')), close);
  const shared = { ...control, journal, clock: realClock, machines: assembly.machines };
  const bus = createBus({ ...shared, rules: assembly.rules, onProgress });
  const scheduler = createScheduler({ ...shared, schedules: assembly.schedules });
  const logs = started.adopt(openFunctionLogs(join(data, 'logs')), close);
  const pace = started.adopt(startPace(), close);
  const services = started.adopt(
    await startServices({ ...options, ...shared, assembly, rights, keys, bus }),
    close,
  );
  for (const { pid } of [services.s3, services.redshift]) pace.watchService(pid);
  const compiled = join(data, 'compiled');
  makePrivateFolder(compiled);
  const pool = createPool({
    functions: assembly.functions,
    bootstrap: await bootstrapFile(),
    variablesOf: (fn) => ({
      ...variablesOf(fn, services.endpoints, keyOf(keys, fn.arn)),
      [COMPILED]: compiled,
    }),
    logs,
    pace,
    maxEnvironments: options.maxEnvironments,
    ...{ faults, onStruck },
    random: chance.random,
  });
  started.adopt(pool, close);
  const traces = createTraces(services.traces.record, () => chance.hex(8));
  const callerOf = (roleArn: string, session: string) => toCaller(rights, roleArn, session);
  const asyncInvocations = createAsyncInvocations({ ...shared, pool, traces, timeScale });
  started.adopt(asyncInvocations, close);
  const runTask = createTasks({ pool, asyncInvocations, bus, traces, chance, callerOf });
  const engine = createEngine({
    ...shared,
    machines: () => deployed.now.machines,
    timeScale,
    traces,
    runTask,
    onProgress,
    withheld: pace.whole,
  });
  started.adopt(engine, close);
  control.start(engine);
  started.defer(scheduler.stop);
  const tellFiles = () => writeCloudFiles(data, deployed.now.assembly, services.endpoints, keys.operator);
  started.defer(tellFiles());
  const running = started.move();
  return toHandle({
    deploy: async (folder) => {
      const next = await loadAssembly(folder);
      assertReplaces(next, deployed.now);
      bus.deploy(next.assembly.rules);
      scheduler.deploy(next.assembly.schedules);
      pool.deploy(next.assembly.functions);
      deployed.now = next;
      tellFiles();
    },
    assembly,
    control,
    journal,
    bus,
    scheduler,
    services,
    pool,
    asyncInvocations,
    engine,
    running,
  });
};

/** What the services were started with has to stay: a deployment on AWS replaces none of it either, but rights. */
const assertReplaces = (next: Loaded, before: Loaded): void => {
  const told: Readonly<Record<string, (of: Loaded) => unknown>> = {
    functions: ({ assembly }) => assembly.functions.map(({ arn }) => arn).sort(),
    'state machines': ({ machines }) => [...machines.keys()].sort(),
    buckets: ({ assembly }) => assembly.buckets,
    rights: ({ rights }) => rights,
  };
  const others = Object.entries(told).filter(
    ([, of]) => JSON.stringify(of(next)) !== JSON.stringify(of(before)),
  );
  if (others.length > 0) {
    const what = others.map(([name]) => name).join(', ');
    throw new InvalidInput(
      `assembly ${next.assembly.folder} has other ${what} than the one that runs: close the cloud and start it with this one`,
    );
  }
};

const close = (part: { close(): Promise<void> | void }) => part.close();

/** What changes while the cloud runs: its faults, its turns, and whether it has failed. */
interface Control extends FaultsNow {
  readonly chance: Chance;
  /** Of the cloud's own, or of a service. */
  onStruck(fault: string): void;
  setFaults(faults: Faults): void;
  onDeliveries(): void;
  /** Grows with each delivery. */
  turns(): number;
  onFailure(cause: Error): void;
  failure(): Error | undefined;
  readonly failed: Promise<Error>;
  /** From here on deliveries wake the engine; those journaled before are due already. */
  start(engine: Engine): void;
}

const createControl = ({ faults = {}, onProgress = () => {} }: LocalCloudOptions): Control => {
  let current = faults;
  let engine: Engine | undefined;
  let turns = 0;
  let failure: Error | undefined;
  const failed = Promise.withResolvers<Error>();
  return {
    chance: createChance(faults.seed),
    faults: () => current,
    onStruck: (fault) => onProgress({ type: 'fault-struck', fault }),
    setFaults: (next) => {
      current = next;
    },
    onDeliveries: () => {
      turns += 1;
      engine?.wake();
    },
    turns: () => turns,
    onFailure: (cause) => {
      failure ??= cause;
      failed.resolve(failure);
    },
    failure: () => failure,
    failed: failed.promise,
    start: (started) => {
      engine = started;
      started.wake();
    },
  };
};

interface Parts extends Pick<LocalCloud, 'deploy'> {
  readonly assembly: Assembly;
  readonly control: Control;
  readonly journal: Journal;
  readonly bus: EventBus;
  readonly scheduler: Scheduler;
  readonly services: Services;
  readonly pool: LambdaPool;
  readonly asyncInvocations: AsyncInvocations;
  readonly engine: Engine;
  readonly running: Started;
}

const toHandle = (parts: Parts): LocalCloud => {
  const { assembly, control, journal, bus, scheduler, services, pool, asyncInvocations, engine } = parts;
  return {
    endpoints: services.endpoints,
    buckets: assembly.buckets.map((bucket) => bucket.name),
    schedules: scheduler.list,
    fireSchedule: async (name, at) => scheduler.fire(name, at),
    putEvent: async ({ source, detailType, detail }) => {
      const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detail) };
      const answer = await bus.put([entry]);
      if (answer.FailedEntryCount > 0)
        throw new InvalidInput(`event refused: ${JSON.stringify(answer.Entries)}`);
    },
    executions: journal.all,
    idle: ({ signal } = {}) => {
      const children = [services.s3, services.redshift];
      const busy = (): number => engine.busy() + pool.inFlight() + asyncInvocations.inFlight();
      return untilIdle({ children, busy, turns: control.turns, failure: control.failure }, signal);
    },
    failed: control.failed,
    serve: scheduler.start,
    setFaults: control.setFaults,
    deploy: parts.deploy,
    faultService: (service, fault) => services[service].fault(fault),
    killEnvironment: () => pool.killBusy(control.chance.random()),
    close: () => parts.running.stop(),
  };
};

const keyOf = ({ functions }: IssuedKeys, arn: string): Required<AccessKey> => {
  const key = functions.get(arn);
  if (key === undefined) throw new InvalidInput(`no key was made for function ${arn}`);
  return key;
};
