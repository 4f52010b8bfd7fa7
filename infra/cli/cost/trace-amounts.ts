import { memoryMibOf } from '../../function-memory.ts';
import type { Segment } from '../../local/xray/segment.ts';
import { buildTrace, type TraceNode } from '../../local/xray/trace-tree.ts';
import { endOf } from '../trace/lanes.ts';
import { originOf } from '../trace/tiles.ts';
import { type Amounts, addAmounts } from './prices.ts';

/** What one trace says was used. */

/**
 * An execution's 50 MB, its definition and what its states carry come to less than one chunk of 64 MB, and each begun 100 ms is billed:
 * https://aws.amazon.com/step-functions/pricing/.
 */
const EXECUTION_GB = 64 / 1024;
const EXECUTION_MS = 100;

/** Estimated, in docs/cost.md: of an execution, of each call of a function in it, and of what the function itself writes. */
export const LOG_BYTES = { execution: 4096, call: 8192, invocation: 1024 } as const;
const GIB = 2 ** 30;

export const toTraceAmounts = (documents: readonly Segment[]): Amounts => {
  if (documents.length === 0) return {};
  return addAmounts({ traces: 1 }, ...buildTrace(documents).map((root) => toNodeAmounts(root, '')));
};

const toNodeAmounts = (node: TraceNode, above: string): Amounts => {
  const state = isState(node) ? node.name : above;
  return addAmounts(ownAmounts(node, state), ...node.children.map((child) => toNodeAmounts(child, state)));
};

/** What stands above a function and is no service: its state, not the call that X-Ray puts between them. */
const isState = (node: TraceNode): boolean =>
  originOf(node) === undefined && !isCall(node) && !/^(?:Lambda|Attempt\b)/.test(node.name);

const isCall = ({ document }: TraceNode): boolean => document.namespace === 'aws';

const ownAmounts = (node: TraceNode, state: string): Amounts => {
  const of = AMOUNTS_OF[String(originOf(node))];
  if (of !== undefined) return of(node, state);
  return isCall(node) && node.name === 'S3' ? toRequests(node.document.aws) : {};
};

const AMOUNTS_OF: Readonly<Record<string, (node: TraceNode, state: string) => Amounts>> = {
  'AWS::StepFunctions::StateMachine': (node) => ({
    executions: 1,
    executionGbSeconds:
      ((roundUp(endOf(node) - node.startMs, EXECUTION_MS) * EXECUTION_MS) / 1000) * EXECUTION_GB,
    logGb: LOG_BYTES.execution / GIB,
  }),
  'AWS::Lambda::Function': (node, state) => ({
    invocations: 1,
    lambdaGbSeconds: (roundUp(endOf(node) - startOf(node), 1) / 1000) * (memoryMibOf(state) / 1024),
    logGb: (LOG_BYTES.call + LOG_BYTES.invocation) / GIB,
  }),
};

/** A cold start is billed, and X-Ray may put it before the segment that it belongs to. */
const startOf = (node: TraceNode): number =>
  Math.min(node.startMs, ...node.children.map((one) => one.startMs));

/** Up to the next whole one; times are kept as seconds, whose last digits are not exact. */
const roundUp = (ms: number, unit: number): number => Math.ceil(Math.round(ms * 1000) / 1000 / unit);

/** Requests as S3 prices them; removals and what is given up cost nothing: https://aws.amazon.com/s3/pricing/. */
const toRequests = (aws: unknown): Amounts => {
  const { operation, retries } = isFacts(aws) ? aws : {};
  if (typeof operation !== 'string' || /^(?:Delete|Abort)/.test(operation)) return {};
  const tries = 1 + (typeof retries === 'number' ? retries : 0);
  // Beyond 40 of one function calls are not told apart: most are parts of uploads, and none costs more.
  const [, more] = /^(\d+) more calls$/.exec(operation) ?? [];
  if (more !== undefined) return { s3Writes: Number(more) };
  return /^(?:Put|Copy|Post|List|Create|Complete|Upload)/.test(operation)
    ? { s3Writes: tries }
    : { s3Reads: tries };
};

const isFacts = (aws: unknown): aws is { readonly operation?: unknown; readonly retries?: unknown } =>
  typeof aws === 'object' && aws !== null;
