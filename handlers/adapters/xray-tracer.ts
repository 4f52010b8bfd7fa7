import type { Tracer as Powertools } from '@aws-lambda-powertools/tracer';
import { redactDeep } from '../../shared/redact/redact-deep.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import type { Annotations, Span, Stretch, Tracer } from '../ports/tracer.ts';
import { endCalls } from './trace-calls.ts';

type Segment = NonNullable<ReturnType<Powertools['getSegment']>>;
type Subsegment = ReturnType<Segment['addNewSubsegment']>;

/**
 * Subsegments by the X-Ray SDK that Powertools wraps; outside Lambda there is no segment and nothing is recorded. Secrets are
 * taken out of all but the names of feeds and batches, by which traces are found.
 */
export const xrayTracer = (powertools: Powertools, { redact }: Redactor): Tracer => {
  const annotate = (segment: Segment | Subsegment | undefined, annotations: Annotations): void => {
    for (const [key, value] of Object.entries(annotations)) {
      const isText = typeof value === 'string' && !NAMES.has(key);
      segment?.addAnnotation(key, isText ? redact(value).slice(0, MAX_ANNOTATION_LENGTH) : value);
    }
  };
  const spanOf = (segment: Subsegment | undefined, ends: Ends): Span => ({
    annotate: (annotations) => annotate(segment, annotations),
    tile: (stretches) => {
      if (segment !== undefined) ends.atSeconds = tile(segment, stretches);
    },
  });
  const current = () => (powertools.isTracingEnabled() ? powertools.getSegment() : undefined);

  return {
    capture: async (name, annotations, work) => {
      const parent = current();
      const child = parent?.addNewSubsegment(name);
      const ends: Ends = { atSeconds: undefined };
      const span = spanOf(child, ends);
      span.annotate(annotations);
      if (parent === undefined || child === undefined) return work(span);
      powertools.setSegment(child);
      try {
        return await work(span);
      } catch (error) {
        const told = redactDeep(error, redact);
        child.addError(told instanceof Error ? told : String(told));
        throw told;
      } finally {
        endCalls(child);
        close(child, ends);
        powertools.setSegment(parent);
      }
    },
    annotate: (annotations) => annotate(current(), annotations),
    traceId: () => powertools.getRootXrayTraceId(),
  };
};

/** https://docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-api.html#xray-api-segmentdocuments: up to 1,000 characters. */
const MAX_ANNOTATION_LENGTH = 1_000;

/**
 * The SDK knows only "from now until now". So each part is given its times and counts as closed, as its own close() does; it is then sent with its
 * parent.
 */
const tile = (parent: Subsegment, stretches: readonly Stretch[]): number => {
  let atSeconds = parent.start_time;
  for (const { name, ms } of stretches) {
    const part = parent.addNewSubsegment(name);
    part.start_time = atSeconds;
    atSeconds += ms / 1000;
    endAt(part, atSeconds);
  }
  return atSeconds;
};

const endAt = (segment: Subsegment, atSeconds: number): void => {
  segment.addAttribute('end_time', atSeconds);
  delete segment.in_progress;
  if ('decrementCounter' in segment.parent) segment.parent.decrementCounter();
};

/** When a subsegment's parts end, where it has some. */
interface Ends {
  atSeconds: number | undefined;
}

/** With the end of its parts, so that they fill it: marking an error alone takes some milliseconds. */
const close = (segment: Subsegment, { atSeconds }: Ends): void => {
  if (atSeconds === undefined) {
    segment.close();
    return;
  }
  endAt(segment, atSeconds);
  if (segment.streamSubsegments()) segment.parent.removeSubsegment(segment);
};

/** Annotations that come of the feed's own file and of clocks. */
const NAMES: ReadonlySet<string> = new Set(['feed', 'batch', 'load', 'correlation', 'invocation']);
