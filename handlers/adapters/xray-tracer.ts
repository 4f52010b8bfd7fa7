import type { Tracer as Powertools } from '@aws-lambda-powertools/tracer';
import type { Annotations, Tracer } from '../ports/tracer.ts';

/** Subsegments by the X-Ray SDK that Powertools wraps; outside Lambda there is no segment and nothing is recorded. */
export const xrayTracer = (powertools: Powertools): Tracer => {
  const open = (name: string, annotations: Annotations) => {
    const parent = powertools.isTracingEnabled() ? powertools.getSegment() : undefined;
    const child = parent?.addNewSubsegment(name);
    for (const [key, value] of Object.entries(annotations)) child?.addAnnotation(key, value);
    return { parent, child };
  };

  return {
    capture: async (name, annotations, work) => {
      const { parent, child } = open(name, annotations);
      if (parent === undefined || child === undefined) return work();
      powertools.setSegment(child);
      try {
        return await work();
      } catch (error) {
        child.addError(error instanceof Error ? error : String(error));
        throw error;
      } finally {
        child.close();
        powertools.setSegment(parent);
      }
    },
    record: (name, durationMs, annotations) => {
      const { child } = open(name, annotations);
      if (child === undefined) return;
      // The SDK knows only "from now", and close() sends it: so the start is moved back before.
      child.start_time -= durationMs / 1000;
      child.close();
    },
    traceId: () => powertools.getRootXrayTraceId(),
  };
};
