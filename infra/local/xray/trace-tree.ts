import type { Segment, SegmentDocument } from './segment.ts';

/** One segment or subsegment of a trace, with what ran inside it in the order of its start. Times are epoch milliseconds. */
export interface TraceNode {
  readonly id: string;
  readonly name: string;
  readonly startMs: number;
  /** undefined while it is in progress, or when its process died in it. */
  readonly endMs: number | undefined;
  readonly annotations: Readonly<Record<string, string | number | boolean>>;
  readonly isFailed: boolean;
  readonly document: SegmentDocument;
  readonly children: readonly TraceNode[];
}

/** Builds the trees of one trace: its segments with no parent in it, in the order of their start. */
export const buildTrace = (documents: readonly Segment[]): TraceNode[] => {
  const byId = new Map<string, { document: SegmentDocument; parent: string | undefined }>();
  const add = (document: SegmentDocument, parent: string | undefined): void => {
    const known = byId.get(document.id);
    // A segment in progress is sent again when it ends, and may come in the other order.
    if (known === undefined || known.document.end_time === undefined || document.end_time !== undefined) {
      byId.set(document.id, { document, parent });
    }
    for (const inner of document.subsegments ?? []) add(inner, document.id);
  };
  for (const document of documents) add(document, document.parent_id);

  const childrenOf = Map.groupBy(byId.values(), ({ parent }) =>
    parent !== undefined && byId.has(parent) ? parent : undefined,
  );
  const build = (parent: string | undefined, above: ReadonlySet<string>): TraceNode[] =>
    (childrenOf.get(parent) ?? [])
      .filter(({ document }) => !above.has(document.id))
      .map(({ document }) => toNode(document, build(document.id, new Set([...above, document.id]))))
      .sort((a, b) => a.startMs - b.startMs);
  return build(undefined, new Set());
};

const toNode = (document: SegmentDocument, children: readonly TraceNode[]): TraceNode => ({
  id: document.id,
  name: document.name,
  startMs: document.start_time * 1000,
  endMs: document.end_time === undefined ? undefined : document.end_time * 1000,
  annotations: document.annotations ?? {},
  isFailed: document.error === true || document.fault === true || document.throttle === true,
  document,
  children,
});

/** A node and everything inside it. */
export const walkTrace = (node: TraceNode): TraceNode[] => [node, ...node.children.flatMap(walkTrace)];

/** Milliseconds that a node took; 0 for one that never ended. */
export const durationMs = (node: TraceNode): number => (node.endMs ?? node.startMs) - node.startMs;

export interface SubsegmentTime {
  readonly name: string;
  readonly count: number;
  readonly totalMs: number;
}

/** The time of everything inside a node, summed by name, the longest first. Nested times are counted in both. */
export const subsegmentTimes = (node: TraceNode): SubsegmentTime[] =>
  [...Map.groupBy(node.children.flatMap(walkTrace), ({ name }) => name)]
    .map(([name, nodes]) => ({
      name,
      count: nodes.length,
      totalMs: nodes.reduce((sum, one) => sum + durationMs(one), 0),
    }))
    .sort((a, b) => b.totalMs - a.totalMs);
