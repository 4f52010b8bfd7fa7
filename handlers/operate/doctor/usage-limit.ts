import type { UsageLimits } from '../../ports/usage-limits.ts';
import { type Check, type Finding, ok } from './check.ts';
import { orWrong } from './or-wrong.ts';

/** CloudFormation has no resource of a usage limit, so that a person makes it: whether that was done. */
export const usageLimit: Check = {
  name: 'usage limit',
  needsDeployment: true,
  look: async ({ readUsageLimits }) => {
    const of = 'usage limit';
    let found: UsageLimits | undefined;
    const looked = await orWrong(of, MAY_LIST, async () => {
      found = await readUsageLimits();
      return found === undefined ? ok(of, '') : judge(of, found);
    });
    return found === undefined && looked.state === 'ok' ? [] : [looked];
  },
};

const MAY_LIST =
  'the operator needs redshift-serverless:GetWorkgroup and redshift-serverless:ListUsageLimits';

const judge = (of: string, { workgroupArn, limits }: UsageLimits): Finding => {
  if (limits.length > 0) {
    const each = limits.map(
      ({ amount, period, breachAction }) => `${amount} RPU-hours ${period}, then ${breachAction}`,
    );
    return ok(of, each.join('; '));
  }
  return {
    of,
    state: 'wrong',
    says: 'the created workgroup has none: nothing bounds what a month may cost',
    remedy: `aws redshift-serverless create-usage-limit --resource-arn ${workgroupArn} --usage-type serverless-compute --amount 200 --period monthly --breach-action deactivate`,
  };
};
