import type { Segment } from '../../local/xray/segment.ts';
import { buildTrace, type TraceNode, walkTrace } from '../../local/xray/trace-tree.ts';
import { isStep, originOf, type Part, QUEUE, tile } from './tiles.ts';

/** A line of the waterfall: a state that called a function, one slice of it, or the statement at the warehouse. */
export interface Lane {
  readonly machine: string;
  /** The state's name; of the warehouse `statement`. */
  readonly state: string;
  readonly slice?: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly isFailed: boolean;
  /** They cover the lane without a gap. */
  readonly parts: readonly Part[];
  readonly slowestPage?: { readonly place: string; readonly ms: number };
}

/** One execution, with its lanes. */
export interface ExecutionLanes {
  readonly machine: string;
  readonly traceId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isFailed: boolean;
  readonly lanes: readonly Lane[];
}

export const WAREHOUSE = 'warehouse';

/** The lanes of each execution among the documents of one trace. */
export const toLanes = (machine: string, documents: readonly Segment[]): readonly ExecutionLanes[] =>
  buildTrace(documents)
    .filter((root) => originOf(root) === 'AWS::StepFunctions::StateMachine')
    .map((root) => ({
      machine,
      traceId: documents[0]?.trace_id ?? '',
      startMs: root.startMs,
      endMs: endOf(root),
      isFailed: root.isFailed,
      lanes: tasksBelow(root, root).map(({ task, waits }) => toLane(machine, task, waits)),
    }));

/** A segment is sent when it ends: of one whose process died, what it sent before says how long it was at work. */
export const endOf = (node: TraceNode): number =>
  node.endMs ?? Math.max(...walkTrace(node).map(({ startMs, endMs = startMs }) => endMs));

interface Task {
  readonly task: TraceNode;
  /** The state that it is an item of: it may wait there for its turn. */
  readonly waits: TraceNode | undefined;
}

const tasksBelow = (node: TraceNode, root: TraceNode): readonly Task[] =>
  node.children.flatMap((child) => {
    if (!callsFunction(child)) return tasksBelow(child, root);
    return [{ task: child, waits: node === root ? undefined : node }];
  });

/** Whether a state calls a function: at once, or by a subsegment for its call, and one for each of its tries. */
const callsFunction = ({ children }: TraceNode): boolean =>
  children.some(
    (child) => originOf(child) === 'AWS::Lambda' || (isCallOfState(child) && callsFunction(child)),
  );

const isCallOfState = ({ name, document }: TraceNode): boolean =>
  document.namespace === 'aws' || /^(?:Lambda|Attempt\b)/.test(name);

const toLane = (machine: string, task: TraceNode, waits: TraceNode | undefined): Lane => {
  const inside = walkTrace(task);
  const slice = inside.find(({ annotations }) => annotations.slice !== undefined)?.annotations.slice;
  const startMs = Math.min(task.startMs, waits?.startMs ?? task.startMs);
  const queued = startMs < task.startMs ? [{ name: QUEUE, startMs, endMs: task.startMs }] : [];
  const page = slowestPageOf(inside);
  return {
    machine,
    state: task.name,
    ...(slice === undefined ? {} : { slice: Number(slice) }),
    startMs,
    endMs: endOf(task),
    isFailed: task.isFailed,
    parts: [...queued, ...tile({ ...task, endMs: endOf(task) })],
    ...(page === undefined ? {} : { slowestPage: page }),
  };
};

const slowestPageOf = (nodes: readonly TraceNode[]): Lane['slowestPage'] =>
  nodes
    .filter(isStep)
    .flatMap(({ annotations: { slowest_page: place, slowest_page_ms: ms } }) =>
      typeof place === 'string' && typeof ms === 'number' ? { place, ms } : [],
    )
    .sort((a, b) => b.ms - a.ms)[0];

/** The statements that DescribeLoad asked about: they ran between two executions. */
export const toStatementLanes = (documents: readonly Segment[]): readonly Lane[] =>
  buildTrace(documents)
    .flatMap(walkTrace)
    .flatMap(({ annotations }) => {
      const startMs = Number(annotations.warehouse_created_ms);
      const endMs = Number(annotations.warehouse_ended_ms);
      const waitedMs = Math.min(Number(annotations.warehouse_waited_ms), endMs - startMs);
      if (Number.isNaN(startMs + endMs + waitedMs)) return [];
      const parts = [
        { name: QUEUE, startMs, endMs: startMs + waitedMs },
        { name: WAREHOUSE, startMs: startMs + waitedMs, endMs },
      ];
      return {
        ...{ machine: WAREHOUSE, state: 'statement', startMs, endMs },
        isFailed: annotations.warehouse_status !== 'finished',
        parts: parts.filter((part) => part.endMs > part.startMs),
      };
    });
