import type { Tracer as Powertools } from '@aws-lambda-powertools/tracer';
import { redactDeep } from '../../shared/redact/redact-deep.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import type { Annotations, Tracer } from '../ports/tracer.ts';

/**
 * Subsegments by the X-Ray SDK that Powertools wraps; outside Lambda there is no segment and nothing is recorded. Secrets are
 * taken out of all but the names of feeds and batches, by which traces are found.
 */
export const xrayTracer = (powertools: Powertools, { redact }: Redactor): Tracer => {
  const open = (name: string, annotations: Annotations) => {
    const parent = powertools.isTracingEnabled() ? powertools.getSegment() : undefined;
    const child = parent?.addNewSubsegment(name);
    for (const [key, value] of Object.entries(annotations)) {
      const isText = typeof value === 'string' && !NAMES.has(key);
      child?.addAnnotation(key, isText ? redact(value) : value);
    }
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
        const told = redactDeep(error, redact);
        child.addError(told instanceof Error ? told : String(told));
        throw told;
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

/** Annotations that come of the feed's own file and of clocks. */
const NAMES: ReadonlySet<string> = new Set(['feed', 'batch', 'invocation']);
