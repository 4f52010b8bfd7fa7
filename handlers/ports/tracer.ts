/** What a subsegment may be found by in X-Ray's filter expressions. Never secrets, never row values. */
export type Annotations = Readonly<Record<string, string | number | boolean>>;

/** Shows where an invocation's time went. Tracing never changes what the work does, nor fails it. */
export interface Tracer {
  /** Runs the work inside a subsegment of this name; its error is marked on the subsegment and thrown on. */
  capture<T>(name: string, annotations: Annotations, work: () => Promise<T>): Promise<T>;

  /**
   * Adds a subsegment for time that was counted rather than enclosed: the sum of many short stretches, shown as
   * one stretch that ends now.
   */
  record(name: string, durationMs: number, annotations: Annotations): void;

  /** The id of the trace that this invocation belongs to, where there is one. */
  traceId(): string | undefined;
}

/** A Tracer that records nothing. */
export const noTracer: Tracer = {
  capture: (_name, _annotations, work) => work(),
  record: () => {},
  traceId: () => undefined,
};
