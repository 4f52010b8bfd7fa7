import { refused } from './refusal.ts';

/** Numbers beyond are neither taken in a pattern nor matched: docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const MOST = 5e9;
const DECIMALS = 6;

/** Whether a number is within what EventBridge compares. */
export const isComparable = (value: number): boolean => Math.abs(value) <= MOST;

/** A number of a pattern. Throws InvalidInput for one that EventBridge cannot compare. */
export const checkNumber = (value: number, path: string): number => {
  const isExact = Number(value.toFixed(DECIMALS)) === value;
  if (isComparable(value) && isExact) return value;
  throw refused(
    path,
    `has the number ${value}, allowed -5e9 to 5e9 with up to ${DECIMALS} digits behind the point`,
  );
};

type Test = (value: number) => boolean;

const TESTS: Readonly<Record<string, (limit: number) => Test>> = {
  '=': (limit) => (value) => value === limit,
  '<': (limit) => (value) => value < limit,
  '<=': (limit) => (value) => value <= limit,
  '>': (limit) => (value) => value > limit,
  '>=': (limit) => (value) => value >= limit,
};

/** The operators of one comparison, and of the two of a range: the lower end comes first. */
const FORMS = /^(=|<|<=|>|>=|>=? <=?)$/;

/** Reads `["=", 5]`, `["<", 5]`, `[">", 0, "<=", 5]` and the like. Throws InvalidInput. */
export const compileNumeric = (operand: unknown, path: string): ((value: unknown) => boolean) => {
  const list: readonly unknown[] = Array.isArray(operand) ? operand : [];
  const operators = list.filter((_, i) => i % 2 === 0);
  const limits = list.filter((one, i): one is number => i % 2 === 1 && typeof one === 'number');
  if (limits.length !== operators.length || !FORMS.test(operators.join(' '))) {
    throw refused(
      path,
      `has numeric ${JSON.stringify(operand)}, allowed one comparison with a number, or two, the lower end first`,
    );
  }
  const [low = 0, high = Number.POSITIVE_INFINITY] = limits.map((limit) => checkNumber(limit, path));
  if (low >= high)
    throw refused(path, `has numeric ${JSON.stringify(operand)}, allowed a lower end below the upper`);
  const tests = operators.flatMap((operator, i) => TESTS[String(operator)]?.(limits[i] ?? 0) ?? []);
  return (value) => typeof value === 'number' && isComparable(value) && tests.every((test) => test(value));
};
