import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinition } from './asl/load-machine.ts';
import type { Machine } from './asl/run-machine.ts';
import { type Assembly, readAssembly } from './assembly/assembly.ts';
import { ACCOUNT, REGION } from './assembly/names.ts';
import { realClock } from './clock.ts';
import { createBus } from './eventbridge/bus.ts';
import { createChance } from './executions/chance.ts';
import { createEngine, type Engine } from './executions/engine.ts';
import { openJournal } from './executions/journal.ts';
import { createTasks } from './executions/tasks.ts';
import { untilIdle } from './idle.ts';
import { openFunctionLogs } from './lambda/function-logs.ts';
import { createPool } from './lambda/pool.ts';
import { variablesOf } from './lambda/variables.ts';
import type { CloudFile, Faults, LocalCloud, LocalCloudOptions } from './local-cloud.ts';
import { createScheduler } from './schedules/scheduler.ts';
import { type Services, startServices } from './services.ts';
import { takeLock } from './take-lock.ts';
import { createTraces } from './tracing.ts';

/**
 * Runs a cloud assembly on this machine. What an earlier run on the same folder left unended, however it stopped, goes
 * on. Throws InvalidInput for an assembly that it does not know how to run, and for a folder that is in use.
 */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const assembly = await readAssembly(options.assembly);
  const machines = await loadMachines(assembly);
  mkdirSync(options.data, { recursive: true });
  const lock = takeLock(join(options.data, 'lock'));
  try {
    return await start(options, assembly, machines, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
};

const loadMachines = async ({ machines }: Assembly): Promise<ReadonlyMap<string, Machine>> => {
  const loaded = machines.map(async ({ name, arn, roleArn, definition }) => {
    return [name, { name, arn, roleArn, definition: await loadDefinition(name, definition) }] as const;
  });
  return new Map(await Promise.all(loaded));
};

const start = async (
  options: LocalCloudOptions,
  assembly: Assembly,
  machines: ReadonlyMap<string, Machine>,
  unlock: () => void,
): Promise<LocalCloud> => {
  const { data, secrets, onProgress = () => {} } = options;
  const clock = realClock;
  let current: Faults = options.faults ?? {};
  const faults = (): Faults => current;
  const chance = createChance(current.seed);
  const journal = openJournal(join(data, 'journal.sqlite'));
  let engine: Engine | undefined;
  let turns = 0;
  let failure: Error | undefined;
  const onDeliveries = (): void => {
    turns += 1;
    engine?.wake();
  };
  const shared = { journal, clock, chance, faults, onDeliveries, machines: assembly.machines };
  const bus = createBus({ ...shared, rules: assembly.rules });
  const scheduler = createScheduler({ ...shared, schedules: assembly.schedules });
  const onFailure = (cause: Error): void => {
    failure ??= cause;
  };
  const services = await startServices({ assembly, data, secrets, bus, onFailure });
  const { endpoints } = services;
  const logs = openFunctionLogs(join(data, 'logs'));
  const traces = createTraces(services.traces.record, () => chance.hex(8));
  const pool = createPool({
    functions: assembly.functions,
    variablesOf: (fn) => variablesOf(fn, endpoints),
    logs,
    maxEnvironments: options.maxEnvironments,
    faults,
    random: chance.random,
  });
  const runTask = createTasks({ pool, bus, traces, chance });
  const running = createEngine({
    ...shared,
    machines,
    timeScale: options.timeScale ?? 1,
    traces,
    runTask,
    onProgress,
  });
  engine = running;
  writeCloudFile(data, assembly, services);
  running.wake();

  return {
    endpoints,
    buckets: assembly.buckets.map((bucket) => bucket.name),
    schedules: scheduler.list,
    fireSchedule: async (name, at) => scheduler.fire(name, at),
    putEvent: async ({ source, detailType, detail }) => {
      await bus.put([{ Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }]);
    },
    executions: journal.all,
    idle: ({ signal } = {}) =>
      untilIdle(
        {
          children: [services.s3, services.redshift],
          busy: () => running.busy() + pool.inFlight(),
          turns: () => turns,
          failure: () => failure,
        },
        signal,
      ),
    serve: scheduler.start,
    setFaults: (next) => {
      current = next;
    },
    faultService: (service, fault) => services[service].fault(fault),
    killEnvironment: () => pool.killBusy(chance.random()),
    close: async () => {
      scheduler.stop();
      running.close();
      await pool.close();
      await services.close();
      await logs.close();
      journal.close();
      rmSync(join(data, 'cloud.json'), { force: true });
      unlock();
    },
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
