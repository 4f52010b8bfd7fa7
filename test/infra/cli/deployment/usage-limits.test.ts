import { expect, it } from 'vitest';
import type { ServiceCall } from '../../../../infra/cli/deployment/signed-call.ts';
import { readUsageLimits } from '../../../../infra/cli/deployment/usage-limits.ts';

const workgroupArn = 'arn:aws:redshift-serverless:eu-central-1:123456789012:workgroup/0a';

it('asks for the limits of the workgroup by its ARN', async () => {
  const calls: ServiceCall[] = [];
  const answers = [
    { workgroup: { workgroupArn, workgroupName: 'w' } },
    { usageLimits: [{ amount: 60, period: 'weekly', breachAction: 'log', usageLimitId: 'l' }] },
  ];
  const found = await readUsageLimits('w', async (call) => {
    calls.push(call);
    return answers[calls.length - 1];
  });
  expect(calls.map(({ target, input }) => [target, input])).toEqual([
    ['RedshiftServerless.GetWorkgroup', { workgroupName: 'w' }],
    ['RedshiftServerless.ListUsageLimits', { resourceArn: workgroupArn, usageType: 'serverless-compute' }],
  ]);
  expect(found).toEqual({ workgroupArn, limits: [{ amount: 60, period: 'weekly', breachAction: 'log' }] });
});
