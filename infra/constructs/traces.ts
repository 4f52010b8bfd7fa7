import { Names, Stack } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CfnGroup, CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import { Construct } from 'constructs';

export interface TracesProps {
  readonly machines: Readonly<Record<string, StateMachine>>;
}

/** Before the account's rules of the default priority, 10000, and behind those that an operator puts in front. */
const PRIORITY = 1000;
/** Of a rule, and of a group: https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html */
const MAX_NAME = 32;

/** The stack's name and the machine's; where that is too long, one with a hash. */
const nameOf = (scope: Construct, machine: string): string => {
  const name = `${Stack.of(scope).stackName}-${machine}`;
  return name.length <= MAX_NAME
    ? name
    : Names.uniqueResourceName(scope, { maxLength: MAX_NAME, separator: '-' });
};

/**
 * Has X-Ray keep the trace of every execution, and shows each machine's as a group. X-Ray itself takes one a second and one in twenty of the
 * others: of fifty feeds that start in one second, 46 would have none. The functions follow their machine.
 */
export class Traces extends Construct {
  constructor(scope: Construct, id: string, { machines }: TracesProps) {
    super(scope, id);
    for (const [name, machine] of Object.entries(machines)) {
      const scopeOf = new Construct(this, name);
      new CfnSamplingRule(scopeOf, 'Rule', {
        samplingRule: {
          ruleName: nameOf(scopeOf, name),
          priority: PRIORITY,
          version: 1,
          serviceName: machine.stateMachineName,
          serviceType: 'AWS::StepFunctions::StateMachine',
          fixedRate: 1,
          reservoirSize: 100,
          host: '*',
          httpMethod: '*',
          urlPath: '*',
          resourceArn: '*',
        },
      });
      new CfnGroup(scopeOf, 'Group', {
        groupName: nameOf(scopeOf, name),
        filterExpression: `service("${machine.stateMachineName}")`,
      });
    }
  }
}
