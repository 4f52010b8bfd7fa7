import type { Annotations, Tracer } from '../ports/tracer.ts';

/** Where a step's wall time goes. */
export type Phase = 'wait for headers' | 'read' | 'parse' | 'encode' | 'upload';

/** Sums many short stretches by phase, and records one subsegment a phase: one a chunk would drown a trace. */
export interface Stopwatch {
  time<T>(phase: Phase, work: () => Promise<T>): Promise<T>;
  /** Like `time`, less what was added to other phases meanwhile. */
  timeOwn<T>(phase: Phase, work: () => Promise<T>): Promise<T>;
  record(tracer: Tracer, annotations: Annotations): void;
}

/** Starts with all phases at zero. */
export const startStopwatch = (): Stopwatch => {
  const spentMs = new Map<Phase, number>();
  const add = (phase: Phase, ms: number) => spentMs.set(phase, (spentMs.get(phase) ?? 0) + ms);
  const sum = () => [...spentMs.values()].reduce((total, ms) => total + ms, 0);

  const timeOwn = async <T>(phase: Phase, work: () => Promise<T>): Promise<T> => {
    const startMs = performance.now();
    const beforeMs = sum();
    try {
      return await work();
    } finally {
      add(phase, Math.max(0, performance.now() - startMs - (sum() - beforeMs)));
    }
  };

  return {
    time: async (phase, work) => {
      const startMs = performance.now();
      try {
        return await work();
      } finally {
        add(phase, performance.now() - startMs);
      }
    },
    timeOwn,
    record: (tracer, annotations) => {
      for (const [phase, ms] of spentMs) tracer.record(phase, ms, annotations);
    },
  };
};
