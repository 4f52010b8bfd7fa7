import type { TraceNode } from '../../local/xray/trace-tree.ts';

/** A stretch of time by what it went to. Times are epoch milliseconds. */
export interface Part {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a state waits for that no function works on: an environment, a free one under the limit, the way there and back. */
export const QUEUE = 'queue';
export const COLD_START = 'cold start';
export const RETRY = 'wait to retry';
const WORK = 'work';

/**
 * Divides a node's time into parts that follow each other without a gap: each moment counts for the innermost that is under way, and where
 * two are, for the one that began first.
 */
export const tile = (node: TraceNode): readonly Part[] =>
  tileWithin(node, ownName(node), node.startMs, node.endMs ?? node.startMs);

const tileWithin = (node: TraceNode, own: string, from: number, to: number): readonly Part[] => {
  const parts: Part[] = [];
  let at = from;
  let gap = own;
  for (const child of node.children.filter((one) => !isBeside(one, node))) {
    const start = Math.max(child.startMs, at);
    const end = Math.min(child.endMs ?? to, to);
    if (end <= start) continue;
    if (start > at) parts.push({ name: gap, startMs: at, endMs: start });
    parts.push(...tileWithin(child, ownName(child, own), start, end));
    at = end;
    // A state calls its function again after it failed.
    gap = child.isFailed && originOf(child) === 'AWS::Lambda' ? RETRY : own;
  }
  if (at < to) parts.push({ name: gap === RETRY ? own : gap, startMs: at, endMs: to });
  return parts;
};

/** A step's phases say what it waited for; its calls of S3 run beside them. */
const isBeside = (child: TraceNode, parent: TraceNode): boolean => isStep(parent) && isCall(child);

export const isStep = ({ name, annotations }: TraceNode): boolean =>
  name.startsWith('step ') && annotations.slice !== undefined;

const isCall = ({ document }: TraceNode): boolean => document.namespace === 'aws';

export const originOf = ({ document }: TraceNode): unknown => document.origin;

const ownName = (node: TraceNode, above = QUEUE): string => {
  const origin = originOf(node);
  if (origin === 'AWS::Lambda::Function') return WORK;
  if (origin === 'AWS::Lambda' || origin === 'AWS::StepFunctions::StateMachine') return QUEUE;
  if (node.name === 'Initialization') return COLD_START;
  // The function's own subsegment, and what X-Ray itself puts around it.
  if (node.name.startsWith('## ') || ['Invocation', 'Overhead'].includes(node.name)) return WORK;
  if (isStep(node)) return 'other';
  return above === QUEUE ? QUEUE : node.name;
};

/** The time of parts, by their names, the longest first. */
export const sumParts = (parts: readonly Part[]): readonly { readonly name: string; readonly ms: number }[] =>
  [...Map.groupBy(parts, ({ name }) => name)]
    .map(([name, all]) => ({ name, ms: all.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) }))
    .sort((a, b) => b.ms - a.ms || (a.name < b.name ? -1 : 1));
