import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '../../shared/errors.ts';
import { loadDefinition } from './asl/load-machine.ts';
import type { Machine } from './asl/run-machine.ts';
import { type Assembly, readAssembly } from './assembly/assembly.ts';
import { ACCOUNT, REGION } from './assembly/names.ts';
import { realClock } from './clock.ts';
import { createBus, type EventBus } from './eventbridge/bus.ts';
import { type Chance, createChance } from './executions/chance.ts';
import { createEngine, type Engine } from './executions/engine.ts';
import { type Journal, openJournal } from './executions/journal.ts';
import { createTasks } from './executions/tasks.ts';
import { type AccessTable, toCaller } from './iam/access.ts';
import { readAccess } from './iam/read-access.ts';
import { untilIdle } from './idle.ts';
import { openFunctionLogs } from './lambda/function-logs.ts';
import { createPool, type LambdaPool } from './lambda/pool.ts';
import { variablesOf } from './lambda/variables.ts';
import type { CloudFile, Faults, LocalCloud, LocalCloudOptions } from './local-cloud.ts';
import { createScheduler, type Scheduler } from './schedules/scheduler.ts';
import { type Services, startServices } from './services.ts';
import { lockFolder } from './take-lock.ts';
import { createTraces } from './tracing.ts';

/**
 * Runs a cloud assembly on this machine. What an earlier run on the same folder left unended, however it stopped, goes
 * on. Throws InvalidInput for an assembly that it does not know how to run, and for a folder that is in use.
 */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const assembly = await readAssembly(options.assembly);
  const access = readAccess(assembly);
  const machines = await loadMachines(assembly);
  const unlock = options.isLocked === true ? () => {} : lockFolder(options.data).release;
  try {
    return await start(options, { assembly, access, machines }, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
};

const loadMachines = async ({ machines }: Assembly): Promise<ReadonlyMap<string, Machine>> => {
  const loaded = machines.map(async ({ name, arn, roleArn, definition }) => {
    return [name, { name, arn, roleArn, definition: await loadDefinition(name, definition) }] as const;
  });
  return new Map(await Promise.all(loaded));
};

/** What is read of the assembly before anything runs. */
interface Loaded {
  readonly assembly: Assembly;
  readonly access: AccessTable;
  readonly machines: ReadonlyMap<string, Machine>;
}

const start = async (
  options: LocalCloudOptions,
  { assembly, access, machines }: Loaded,
  unlock: () => void,
): Promise<LocalCloud> => {
  const { data, onProgress = () => {} } = options;
  const control = createControl(options);
  const { chance, faults } = control;
  const journal = openJournal(join(data, 'journal.sqlite'));
  const shared = { ...control, journal, clock: realClock, machines: assembly.machines };
  const bus = createBus({ ...shared, rules: assembly.rules });
  const scheduler = createScheduler({ ...shared, schedules: assembly.schedules });
  const services = await startServices({ ...options, assembly, access, bus, onFailure: control.onFailure });
  const logs = openFunctionLogs(join(data, 'logs'));
  const pool = createPool({
    functions: assembly.functions,
    variablesOf: (fn) => variablesOf(fn, services.endpoints),
    logs,
    maxEnvironments: options.maxEnvironments,
    faults,
    random: chance.random,
  });
  const traces = createTraces(services.traces.record, () => chance.hex(8));
  const runTask = createTasks({
    pool,
    bus,
    traces,
    chance,
    callerOf: (roleArn, session) => toCaller(access, roleArn, session),
  });
  const timeScale = options.timeScale ?? 1;
  const engine = createEngine({ ...shared, machines, timeScale, traces, runTask, onProgress });
  control.start(engine);
  writeCloudFile(data, assembly, services);
  const close = async (): Promise<void> => {
    scheduler.stop();
    await engine.close();
    await pool.close();
    await services.close();
    await logs.close();
    journal.close();
    rmSync(join(data, 'cloud.json'), { force: true });
    unlock();
  };
  return toHandle({ assembly, control, journal, bus, scheduler, services, pool, engine, close });
};

/** What changes while the cloud runs: its faults, its turns, and whether it has failed. */
interface Control {
  readonly chance: Chance;
  faults(): Faults;
  setFaults(faults: Faults): void;
  onDeliveries(): void;
  /** Grows with each delivery. */
  turns(): number;
  onFailure(cause: Error): void;
  failure(): Error | undefined;
  /** From here on deliveries wake the engine; those journaled before are due already. */
  start(engine: Engine): void;
}

const createControl = ({ faults = {} }: LocalCloudOptions): Control => {
  let current = faults;
  let engine: Engine | undefined;
  let turns = 0;
  let failure: Error | undefined;
  return {
    chance: createChance(faults.seed),
    faults: () => current,
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
    },
    failure: () => failure,
    start: (started) => {
      engine = started;
      started.wake();
    },
  };
};

interface Parts {
  readonly assembly: Assembly;
  readonly control: Control;
  readonly journal: Journal;
  readonly bus: EventBus;
  readonly scheduler: Scheduler;
  readonly services: Services;
  readonly pool: LambdaPool;
  readonly engine: Engine;
  close(): Promise<void>;
}

const toHandle = (parts: Parts): LocalCloud => {
  const { assembly, control, journal, bus, scheduler, services, pool, engine } = parts;
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
      const busy = (): number => engine.busy() + pool.inFlight();
      return untilIdle({ children, busy, turns: control.turns, failure: control.failure }, signal);
    },
    serve: scheduler.start,
    setFaults: control.setFaults,
    faultService: (service, fault) => services[service].fault(fault),
    killEnvironment: () => pool.killBusy(control.chance.random()),
    close: parts.close,
  };
};

/** Whole or not at all: others read it while it is written. */
const writeCloudFile = (data: string, assembly: Assembly, { endpoints }: Services): void => {
  const file: CloudFile = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    assembly: assembly.folder,
    region: REGION,
    account: ACCOUNT,
    buckets: assembly.buckets.map((bucket) => bucket.name),
    workgroups: assembly.workgroups.map(({ name, namespace }) => ({
      name,
      database: assembly.namespaces.find((one) => one.name === namespace)?.database ?? '',
    })),
    endpoints,
  };
  writeFileSync(join(data, 'cloud.json.new'), JSON.stringify(file, undefined, 2));
  renameSync(join(data, 'cloud.json.new'), join(data, 'cloud.json'));
};
