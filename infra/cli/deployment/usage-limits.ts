import * as z from 'zod';
import type { UsageLimits } from '../../../handlers/ports/usage-limits.ts';
import type { CallService } from './signed-call.ts';

const workgroupAnswer = z.object({ workgroup: z.object({ workgroupArn: z.string() }) });
const limitsAnswer = z.object({
  usageLimits: z
    .array(
      z.object({
        amount: z.number(),
        period: z.string().default('monthly'),
        breachAction: z.string().default('log'),
      }),
    )
    .default([]),
});

/**
 * The limits of a workgroup's capacity
 * (https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_ListUsageLimits.html). Throws ServiceRefused, ServiceUnavailable.
 */
export const readUsageLimits = async (workgroupName: string, call: CallService): Promise<UsageLimits> => {
  const ask = (operation: string, input: unknown): Promise<unknown> =>
    call({ service: 'redshift-serverless', path: '/', target: `RedshiftServerless.${operation}`, input });
  const { workgroupArn } = workgroupAnswer.parse(await ask('GetWorkgroup', { workgroupName })).workgroup;
  const { usageLimits: limits } = limitsAnswer.parse(
    await ask('ListUsageLimits', { resourceArn: workgroupArn, usageType: 'serverless-compute' }),
  );
  return { workgroupArn, limits };
};
