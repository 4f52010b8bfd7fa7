import { InvalidInput } from '../../../shared/errors.ts';
import { parseExpression, type Timing } from '../../../shared/schedule/expression.ts';
import type { MachineModel, ScheduleModel } from '../assembly/resources.ts';
import type { Clock } from '../clock.ts';
import type { Chance } from '../executions/chance.ts';
import { toDeliveries } from '../executions/deliver.ts';
import type { Journal } from '../executions/journal.ts';
import type { FaultsNow } from '../faults-now.ts';
import type { ScheduleInfo } from '../local-cloud.ts';

export interface SchedulerOptions extends FaultsNow {
  readonly schedules: readonly ScheduleModel[];
  readonly machines: readonly MachineModel[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Deliveries were journaled. */
  onDeliveries(): void;
  /** A schedule could not be fired, and none after it will be. */
  onFailure(cause: Error): void;
}

export interface Scheduler {
  list(): readonly ScheduleInfo[];
  /** Journals one firing as of `at` and gives the executions' ids. Throws InvalidInput for an unknown name. */
  fire(name: string, at: Date): readonly string[];
  /** Fires enabled schedules by the clock. What should have fired before, or while the machine slept, is not caught up on. */
  start(): void;
  stop(): void;
  /** From now on these schedules stand in the place of those before. Throws InvalidInput, and changes nothing, for an expression that it cannot read. */
  deploy(schedules: readonly ScheduleModel[]): void;
}

/** EventBridge Scheduler on one machine. Throws InvalidInput for an expression that it cannot read. */
export const createScheduler = (options: SchedulerOptions): Scheduler => {
  const { clock, chance, journal } = options;
  let stopping = new AbortController();
  let isStarted = false;
  let { schedules } = options;
  const machineNames = new Map(options.machines.map((machine) => [machine.arn, machine.name]));
  let timings = readTimings(schedules);
  const fire = (name: string, at: Date): readonly string[] => {
    const schedule = schedules.find((one) => one.name === name);
    if (schedule === undefined) {
      throw new InvalidInput(
        `there is no schedule ${name}, only ${schedules.map((one) => one.name).join(', ')}`,
      );
    }
    const machine = machineNames.get(schedule.machineArn) ?? schedule.machineArn;
    const time = toSeconds(at);
    const input = fillIn(schedule, time, chance.uuid());
    const deliveries = toDeliveries({ machine, trigger: `schedule ${name} ${time}`, input }, options, chance);
    journal.add(deliveries);
    options.onDeliveries();
    return deliveries.map((delivery) => delivery.id);
  };
  const run = async (name: string, timing: Timing, signal: AbortSignal): Promise<void> => {
    const since = clock.now();
    for (let next = timing.next(since, since); next !== undefined; next = timing.next(next, since)) {
      await sleepUntil(clock, next, signal);
      next = latestDue(timing, next, { since, now: clock.now() });
      fire(name, new Date(next));
    }
  };
  const fail = (cause: unknown, signal: AbortSignal): void => {
    // What stop() rejects it with.
    if (cause === signal.reason) return;
    stopping.abort();
    options.onFailure(cause instanceof Error ? cause : new Error(String(cause)));
  };
  const start = (): void => {
    isStarted = true;
    stopping = new AbortController();
    const { signal } = stopping;
    for (const { name, isEnabled } of schedules) {
      const timing = timings.get(name);
      if (isEnabled && timing !== undefined) run(name, timing, signal).catch((cause) => fail(cause, signal));
    }
  };
  return {
    list: () =>
      schedules.map(({ name, expression, timeZone, isEnabled, machineArn, input }) => ({
        name,
        expression,
        timeZone,
        isEnabled,
        machine: machineNames.get(machineArn) ?? machineArn,
        input,
      })),
    fire,
    start,
    stop: () => stopping.abort(),
    deploy: (next) => {
      timings = readTimings(next);
      schedules = next;
      stopping.abort();
      if (isStarted) start();
    },
  };
};

const readTimings = (schedules: readonly ScheduleModel[]): ReadonlyMap<string, Timing> =>
  new Map(schedules.map((one) => [one.name, parseExpression(one.expression, one.timeZone)]));

/** A timer's time stands still while the machine sleeps, so that a long one would be late by all of that. */
const LONGEST_SLEEP_MS = 60_000;

const sleepUntil = async (clock: Clock, time: number, signal: AbortSignal): Promise<void> => {
  for (let left = time - clock.now(); left > 0; left = time - clock.now()) {
    await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
  }
  signal.throwIfAborted();
};

/** The last of a schedule's times that are over: after the machine slept, those before it are missed for good. */
const latestDue = (
  timing: Timing,
  first: number,
  { since, now }: { readonly since: number; readonly now: number },
): number => {
  let due = first;
  for (let later = timing.next(due, since); later !== undefined && later <= now; ) {
    due = later;
    later = timing.next(due, since);
  }
  return due;
};

const toSeconds = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
const fillIn = (schedule: ScheduleModel, time: string, executionId: string): string => {
  const attributes: Readonly<Record<string, string>> = {
    'scheduled-time': time,
    'schedule-arn': schedule.arn,
    'execution-id': executionId,
    'attempt-number': '1',
  };
  return schedule.input.replaceAll(/<aws\.scheduler\.([a-z-]+)>/g, (_all, name: string) => {
    const value = attributes[name];
    if (value === undefined)
      throw new InvalidInput(`schedule ${schedule.name}: <aws.scheduler.${name}> is not known`);
    return value;
  });
};
