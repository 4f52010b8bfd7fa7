import type { ConditionContext, Statement } from './policy.ts';

/** What somebody asks to do. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
  /** As statements of a resource's policy name principals: `service:…` or `aws:…`. */
  readonly principals: readonly string[];
}

export type Decision = 'allowed' | 'explicit deny' | 'implicit deny';

/**
 * Decides a request within one account: an explicit Deny of any policy wins, else one Allow of any is enough, else it is
 * denied (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html).
 */
export const decide = (statements: readonly Statement[], request: AccessRequest): Decision => {
  const applying = statements.filter((one) => applies(one, request));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'explicit deny';
  return applying.length > 0 ? 'allowed' : 'implicit deny';
};

const applies = (statement: Statement, { action, resource, context, principals }: AccessRequest): boolean =>
  (statement.principals?.some((one) => one === '*' || principals.includes(one)) ?? true) &&
  // Actions are not case-sensitive; resources are.
  statement.actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
  statement.resources.some((pattern) => matches(pattern, resource)) &&
  statement.conditions.every((condition) => isMet(condition, context));

const isMet = (
  { operator, key, values }: Statement['conditions'][number],
  context: ConditionContext,
): boolean => {
  const value = context[key];
  if (value === undefined) return false;
  switch (operator) {
    case 'Bool':
      return values.some((one) => one.toLowerCase() === value.toLowerCase());
    case 'StringEquals':
      return values.includes(value);
    case 'StringLike':
    case 'ArnEquals': // the same as ArnLike, says AWS
    case 'ArnLike':
      return values.some((pattern) => matches(pattern, value));
  }
};

/**
 * Whether a text fits a pattern of `*` (any characters, none too, slashes and colons included) and `?` (any one):
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html. It takes time in proportion to both
 * lengths at most, whatever the pattern.
 */
export const matches = (pattern: string, text: string): boolean => {
  let [p, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      [star, resume] = [p, t];
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      resume += 1;
      [p, t] = [star + 1, resume];
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
};
