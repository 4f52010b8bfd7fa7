import type { FunctionModel } from '../assembly/resources.ts';
import { type Environment, startEnvironment } from './environment.ts';

/** An environment's place in the pool. */
export interface Slot {
  readonly fn: FunctionModel;
  readonly environment: Environment;
  isBusy: boolean;
  /** Invocations it has begun. */
  served: number;
  idleTimer?: NodeJS.Timeout | undefined;
}

export interface SlotsOptions {
  readonly max: number;
  variablesOf(fn: FunctionModel): Readonly<Record<string, string>>;
  onLine(functionName: string, line: string, stream: 'stdout' | 'stderr'): void;
  /** A slot got free, or an environment ended. */
  onFree(): void;
}

/** The environments that live, busy or warm; never more than `max`. */
export interface Slots {
  /** A slot for an invocation: a warm one, a new one, or one in the place of another function's warm one. */
  take(fn: FunctionModel): Promise<Slot> | undefined;
  /** Gives a slot back, warm; one whose environment has ended is gone. */
  release(slot: Slot): void;
  busy(): readonly Slot[];
  close(): Promise<void>;
}

/** An environment that served nothing for so long is ended. */
const IDLE_MS = 60_000;

export const createSlots = (options: SlotsOptions): Slots => {
  const slots = new Set<Slot>();
  let starting = 0;
  let isClosed = false;

  const retire = (slot: Slot): void => {
    clearTimeout(slot.idleTimer);
    slots.delete(slot);
    slot.environment.kill();
  };
  const start = async (fn: FunctionModel): Promise<Slot> => {
    starting += 1;
    const environment = await startEnvironment({
      fn,
      variables: options.variablesOf(fn),
      onLine: (line, stream) => options.onLine(fn.name, line, stream),
      onExit: () => {
        slots.delete(slot);
        options.onFree();
      },
    });
    const slot: Slot = { fn, environment, isBusy: true, served: 0 };
    starting -= 1;
    slots.add(slot);
    if (isClosed) environment.kill();
    return slot;
  };
  const reuse = (slot: Slot): Promise<Slot> => {
    slot.isBusy = true;
    clearTimeout(slot.idleTimer);
    return Promise.resolve(slot);
  };
  return {
    take: (fn) => {
      const idle = [...slots].filter((slot) => !slot.isBusy);
      const warm = idle.find((slot) => slot.fn === fn);
      if (warm !== undefined) return reuse(warm);
      const [other] = idle;
      const isFull = slots.size + starting >= options.max;
      if (isFull && other === undefined) return undefined;
      if (isFull && other !== undefined) retire(other);
      return start(fn);
    },
    release: (slot) => {
      slot.isBusy = false;
      if (slot.environment.isAlive()) slot.idleTimer = setTimeout(() => retire(slot), IDLE_MS).unref();
      else retire(slot);
      options.onFree();
    },
    busy: () => [...slots].filter((slot) => slot.isBusy),
    close: async () => {
      isClosed = true;
      const all = [...slots];
      for (const slot of all) retire(slot);
      await Promise.all(all.map((slot) => slot.environment.ended));
    },
  };
};
