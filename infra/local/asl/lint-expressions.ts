import jsonata from 'jsonata';
import type { State } from './definition.ts';
import { expressionOf, messageOf, STEP_FUNCTIONS_FUNCTIONS, WITHHELD_FUNCTIONS } from './jsonata.ts';

/** Everything wrong with the expressions of one state, its inner graphs aside; `known` are the variables in scope. */
export const lintExpressions = async (
  state: State,
  known: ReadonlySet<string>,
  path: string,
): Promise<string[]> => {
  const problems: string[] = [];
  for (const { template, reads } of templatesOf(state)) {
    for (const text of stringsIn(template)) {
      for (const problem of await lintText(text, reads, known)) problems.push(`${path}: ${problem}`);
    }
  }
  return problems;
};

interface Template {
  readonly template: unknown;
  /** What of `$states` there is where it stands. */
  readonly reads: readonly string[];
}

const EVERYWHERE = ['input', 'context'];

/** Types that call something, whose result there is when they leave. */
const WITH_RESULT: readonly State['Type'][] = ['Task', 'Parallel', 'Map'];

/**
 * A state's fields, with what each may read of `$states`: a result where something was called and is over, an error in a
 * catcher only (docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html; a state machine that reads either
 * elsewhere is not created).
 */
const templatesOf = (state: State): readonly Template[] => {
  const {
    ItemProcessor: _processor,
    Branches: _branches,
    Output: output,
    Assign: assign,
    Catch: catchers,
    ...rest
  } = { ItemProcessor: 0, Branches: 0, Output: undefined, Assign: undefined, Catch: [], ...state };
  const leaving = WITH_RESULT.includes(state.Type) ? [...EVERYWHERE, 'result'] : EVERYWHERE;
  return [
    { template: rest, reads: EVERYWHERE },
    { template: [output, assign], reads: leaving },
    { template: catchers, reads: [...EVERYWHERE, 'errorOutput'] },
  ];
};

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};

const lintText = async (
  text: string,
  reads: readonly string[],
  known: ReadonlySet<string>,
): Promise<string[]> => {
  const expression = expressionOf(text);
  if (expression === undefined)
    return text.startsWith('{%') || text.endsWith('%}') ? [`'${text}' is half an expression`] : [];
  const ast = parse(expression);
  if ('problem' in ast) return [ast.problem];
  const free = await freeVariables(ast.root, known);
  return [
    ...free.map((name) => `nothing assigns $${name}`),
    ...statesFields(ast.root)
      .filter((field) => !reads.includes(field))
      .map(
        (field) =>
          `there is no $states.${field} here, only ${reads.map((one) => `$states.${one}`).join(', ')}`,
      ),
    ...((await givesFunction(ast.root, known))
      ? [`'${expression.trim()}' gives a function, not a value`]
      : []),
  ];
};

const parse = (expression: string): { readonly root: unknown } | { readonly problem: string } => {
  try {
    return { root: jsonata(expression).ast() };
  } catch (error) {
    return { problem: `'${expression.trim()}' is not JSONata 2.0.6: ${messageOf(error)}` };
  }
};

/** A node of JSONata's syntax tree: its type, and what else it has. */
const isNode = (value: unknown): value is { readonly type: unknown; readonly value?: unknown } =>
  typeof value === 'object' && value !== null && 'type' in value;

/** Every node below a value, itself first. */
const nodesIn = (value: unknown): readonly object[] => {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(nodesIn)];
};

/** The names that stand right behind `$states.`. */
const statesFields = (root: unknown): readonly string[] =>
  nodesIn(root).flatMap((node) => {
    const [first, second]: readonly unknown[] =
      'steps' in node && Array.isArray(node.steps) ? node.steps : [];
    const isStates = isNode(first) && first.type === 'variable' && first.value === 'states';
    return isStates && isNode(second) && second.type === 'name' ? [String(second.value)] : [];
  });

/** Whether the whole expression is a function, one of its own or a built-in one. What only shows at run time fails there. */
const givesFunction = async (root: unknown, known: ReadonlySet<string>): Promise<boolean> => {
  if (!isNode(root)) return false;
  if (root.type === 'lambda' || root.type === 'partial' || root.type === 'regex') return true;
  if (root.type !== 'variable') return false;
  const name = String(root.value);
  return !known.has(name) && (STEP_FUNCTIONS_FUNCTIONS.includes(name) || (await isBuiltIn(name)));
};

/** Variables that an expression reads and that neither it, nor the machine, nor JSONata as Step Functions has it defines. */
const freeVariables = async (root: unknown, known: ReadonlySet<string>): Promise<string[]> => {
  const read = new Set<string>();
  const bound = new Set<string>(['', '$', 'states', ...STEP_FUNCTIONS_FUNCTIONS]);
  for (const node of nodesIn(root)) {
    if (isNode(node) && node.type === 'variable') read.add(String(node.value));
    if (isNode(node) && node.type === 'bind' && 'lhs' in node) addVariables(node.lhs, bound);
    if (isNode(node) && node.type === 'lambda' && 'arguments' in node) addVariables(node.arguments, bound);
  }
  const free: string[] = [];
  for (const name of read) {
    if (!bound.has(name) && !known.has(name) && !(await isBuiltIn(name))) free.push(name);
  }
  return free;
};

const addVariables = (value: unknown, names: Set<string>): void => {
  for (const node of nodesIn(value))
    if (isNode(node) && node.type === 'variable') names.add(String(node.value));
};

const isBuiltIn = async (name: string): Promise<boolean> =>
  !WITHHELD_FUNCTIONS.includes(name) && (await jsonata(`$type($${name})`).evaluate(undefined)) === 'function';
