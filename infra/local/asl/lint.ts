import jsonata from 'jsonata';
import type { Definition, State, StateGraph } from './definition.ts';
import { expressionOf, STEP_FUNCTIONS_FUNCTIONS } from './jsonata.ts';

/** Service integrations that the local cloud has; others are refused by name. */
export const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  'arn:aws:states:::lambda:invoke': ['FunctionName', 'Payload'],
  'arn:aws:states:::events:putEvents': ['Entries'],
};

/** What Express refuses or ignores and asl-validator lets pass, each as a sentence with its state. */
export const lint = async (definition: Definition): Promise<readonly string[]> => {
  const problems: string[] = [];
  await lintGraph(definition, new Set(), '', problems);
  return problems;
};

const lintGraph = async (
  graph: StateGraph,
  outer: ReadonlySet<string>,
  prefix: string,
  problems: string[],
): Promise<void> => {
  const assigned = new Set(Object.values(graph.States).flatMap(assignedBy));
  const known = new Set([...outer, ...assigned]);
  for (const name of assigned) {
    if (outer.has(name)) problems.push(`${prefix}: $${name} is assigned in an inner and in an outer scope`);
  }
  for (const [name, state] of Object.entries(graph.States)) {
    const path = prefix + name;
    problems.push(...lintResource(state, path), ...lintErrorNames(state, path));
    problems.push(...(await lintExpressions(state, known, path)));
    for (const inner of innerGraphs(state)) await lintGraph(inner, known, `${path}/`, problems);
  }
};

const innerGraphs = (state: State): readonly StateGraph[] =>
  state.Type === 'Map' ? [state.ItemProcessor] : state.Type === 'Parallel' ? state.Branches : [];

const assignedBy = (state: State): string[] => {
  const assigns = [
    'Assign' in state ? state.Assign : undefined,
    ...('Catch' in state ? state.Catch.map((catcher) => catcher.Assign) : []),
    ...('Choices' in state ? state.Choices.map((rule) => rule.Assign) : []),
  ];
  return assigns.flatMap((assign) => Object.keys(assign ?? {}));
};

const lintResource = (state: State, path: string): string[] => {
  if (state.Type !== 'Task') return [];
  const required = RESOURCES[state.Resource];
  if (required === undefined) {
    return [`${path}: Resource ${state.Resource} is none of ${Object.keys(RESOURCES).join(', ')}`];
  }
  const args: unknown = state.Arguments;
  const fields = typeof args === 'object' && args !== null ? Object.keys(args) : [];
  return [
    ...required.filter((field) => !fields.includes(field)).map((field) => `${path}: Arguments lack ${field}`),
    ...fields
      .filter((field) => !required.includes(field))
      .map((field) => `${path}: Arguments.${field} is not supported`),
  ];
};

/** States.ALL stands alone and last: docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const lintErrorNames = (state: State, path: string): string[] => {
  const lists = 'Retry' in state ? [state.Retry, state.Catch] : [];
  return lists.flatMap((list) =>
    list.flatMap(({ ErrorEquals }, index) => {
      if (!ErrorEquals.includes('States.ALL')) return [];
      if (ErrorEquals.length > 1) return [`${path}: States.ALL has to be alone in its ErrorEquals`];
      return index < list.length - 1 ? [`${path}: States.ALL has to be in the last retrier or catcher`] : [];
    }),
  );
};

const lintExpressions = async (state: State, known: ReadonlySet<string>, path: string): Promise<string[]> => {
  const problems: string[] = [];
  const {
    ItemProcessor: _processor,
    Branches: _branches,
    ...own
  } = { ItemProcessor: 0, Branches: 0, ...state };
  for (const text of stringsIn(own)) {
    const expression = expressionOf(text);
    if (expression === undefined) {
      if (text.startsWith('{%') || text.endsWith('%}'))
        problems.push(`${path}: '${text}' is half an expression`);
      continue;
    }
    try {
      const ast = jsonata(expression).ast();
      for (const name of await freeVariables(ast, known)) problems.push(`${path}: nothing assigns $${name}`);
    } catch (error) {
      problems.push(`${path}: '${expression.trim()}' is not JSONata: ${JSON.stringify(error)}`);
    }
  }
  return problems;
};

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};

/** Variables that an expression reads and that neither it, nor the machine, nor JSONata defines. */
const freeVariables = async (ast: unknown, known: ReadonlySet<string>): Promise<string[]> => {
  const read = new Set<string>();
  const bound = new Set<string>(['', '$', 'states', ...STEP_FUNCTIONS_FUNCTIONS]);
  collectVariables(ast, read, bound);
  const free: string[] = [];
  for (const name of read) {
    if (!bound.has(name) && !known.has(name) && !(await isBuiltIn(name))) free.push(name);
  }
  return free;
};

const collectVariables = (node: unknown, read: Set<string>, bound: Set<string>): void => {
  if (Array.isArray(node)) for (const child of node) collectVariables(child, read, bound);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  if ('type' in node && node.type === 'variable' && 'value' in node) read.add(String(node.value));
  if ('type' in node && node.type === 'bind' && 'lhs' in node) collectVariables(node.lhs, bound, bound);
  if ('type' in node && node.type === 'lambda' && 'arguments' in node)
    collectVariables(node.arguments, bound, bound);
  for (const child of Object.values(node)) collectVariables(child, read, bound);
};

const isBuiltIn = async (name: string): Promise<boolean> =>
  (await jsonata(`$type($${name})`).evaluate(undefined)) === 'function';
