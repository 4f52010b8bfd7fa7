import type { Definition, State, StateGraph } from './definition.ts';
import { lintExpressions } from './lint-expressions.ts';
import { parseTimestamp } from './timestamp.ts';

/** Service integrations that the local cloud has; others are refused by name. */
export const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  'arn:aws:states:::lambda:invoke': ['FunctionName', 'Payload'],
  'arn:aws:states:::events:putEvents': ['Entries'],
};

/** Arguments that may be there besides, each with its one value. */
const OPTIONAL: ReadonlyMap<string, unknown> = new Map([['InvocationType', 'Event']]);

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
    problems.push(...lintNames(state, path), ...lintTimestamp(state, path));
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

/**
 * A name is a Unicode identifier of at most 80 characters, and `states` is taken:
 * docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
const VARIABLE_NAME = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

const lintNames = (state: State, path: string): string[] =>
  assignedBy(state).flatMap((name) => {
    if (name === 'states') return [`${path}: Assign sets $states, which is Step Functions' own`];
    if (VARIABLE_NAME.test(name)) return [];
    return [`${path}: Assign sets '${name}', allowed a letter, then up to 79 letters, digits and _`];
  });

/** What an expression gives is checked when the state waits. */
const lintTimestamp = (state: State, path: string): string[] => {
  const time = state.Type === 'Wait' ? state.Timestamp : undefined;
  if (time === undefined || time.startsWith('{%') || parseTimestamp(time) !== undefined) return [];
  return [`${path}: Timestamp is '${time}', allowed a time such as 2026-01-31T03:00:00Z`];
};

const lintResource = (state: State, path: string): string[] => {
  if (state.Type !== 'Task') return [];
  const required = RESOURCES[state.Resource];
  if (required === undefined) {
    return [`${path}: Resource ${state.Resource} is none of ${Object.keys(RESOURCES).join(', ')}`];
  }
  const args: unknown = state.Arguments;
  const given = typeof args === 'object' && args !== null ? Object.entries(args) : [];
  const isOptional = ([field, value]: readonly [string, unknown]): boolean =>
    state.Resource.endsWith(':lambda:invoke') && OPTIONAL.has(field) && OPTIONAL.get(field) === value;
  const fields = given.filter((one) => !isOptional(one)).map(([field]) => field);
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
