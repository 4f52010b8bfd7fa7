/** What a subsegment may be found by in X-Ray's filter expressions. Never secrets, never row values. */
export type Annotations = Readonly<Record<string, string | number | boolean>>;

/** A part of a stretch of time, by what it went to. */
export interface Stretch {
  readonly name: string;
  readonly ms: number;
}

/** A subsegment that is under way. */
export interface Span {
  annotate(annotations: Annotations): void;
  /**
   * Says where its time went, as subsegments that follow each other from its start on without a gap. They are sums of many short stretches:
   * how long each is counts, and not when.
   */
  tile(stretches: readonly Stretch[]): void;
}

/** Shows where an invocation's time went. Tracing never changes what the work does, nor fails it. */
export interface Tracer {
  /** Runs the work inside a subsegment of this name; its error is marked on the subsegment and thrown on. */
  capture<T>(name: string, annotations: Annotations, work: (span: Span) => Promise<T>): Promise<T>;

  /** Annotates the invocation as a whole. */
  annotate(annotations: Annotations): void;

  /** The id of the trace that this invocation belongs to, where there is one. */
  traceId(): string | undefined;
}

const NO_SPAN: Span = { annotate: () => {}, tile: () => {} };

/** A Tracer that records nothing. */
export const noTracer: Tracer = {
  capture: (_name, _annotations, work) => work(NO_SPAN),
  annotate: () => {},
  traceId: () => undefined,
};
