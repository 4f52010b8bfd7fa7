import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Parts of a small cloud assembly, as CDK would write it. */
export interface HandMade {
  readonly resources: Readonly<Record<string, object>>;
  readonly outputs?: object;
  readonly conditions?: object;
  readonly parameters?: object;
  /** Text of the one bundle, asset `abc123`. */
  readonly bundle?: string;
  /** A second stack that imports of the first. */
  readonly importing?: Readonly<Record<string, object>>;
}

/** Writes a `cdk.out` with the stacks `One` and, where something is importing, `Two`. */
export const writeAssembly = async (folder: string, made: HandMade): Promise<string> => {
  await mkdir(join(folder, 'asset.abc123'), { recursive: true });
  await writeFile(
    join(folder, 'asset.abc123', 'index.mjs'),
    made.bundle ?? 'export const handler = async (event) => event;',
  );
  const stack = (name: string) => ({
    [name]: { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.template.json` } },
    [`${name}.assets`]: { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } },
  });
  const files: Readonly<Record<string, object>> = {
    'manifest.json': {
      artifacts: { ...stack('One'), ...(made.importing && stack('Two')), Tree: { type: 'cdk:tree' } },
    },
    'One.template.json': {
      Resources: made.resources,
      Outputs: made.outputs ?? {},
      Conditions: made.conditions ?? {},
      Parameters: {
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' },
        ...made.parameters,
      },
    },
    'One.assets.json': { files: { abc123: { source: { path: 'asset.abc123', packaging: 'zip' } } } },
    'Two.template.json': { Resources: made.importing ?? {} },
    'Two.assets.json': { files: {} },
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(content));
  return folder;
};

/** The role of all that is made here; aRole makes it. */
const ROLE = 'arn:aws:iam::000000000000:role/r';

export const aFunction = (rest: object = {}): object => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: 'abc123.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: ROLE,
    MemorySize: 256,
    Timeout: 20,
    ...rest,
  },
});

export const aMachine = (definition: object): object => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineType: 'EXPRESS',
    DefinitionString: joined(JSON.stringify({ QueryLanguage: 'JSONata', ...definition })),
    RoleArn: ROLE,
  },
});

/** `@@Name@@` becomes the ARN of a resource, as CDK's tokens do. */
const joined = (text: string): object => ({
  'Fn::Join': [
    '',
    text.split('@@').map((part, index) => (index % 2 === 1 ? { 'Fn::GetAtt': [part, 'Arn'] } : part)),
  ],
});

export const invokes = (fn: string, rest: object = { End: true }): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: `@@${fn}@@`, Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  ...rest,
});

export const aSchedule = (machine: string, rest: object = {}): object => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: 'rate(1 hour)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: { Ref: machine }, RoleArn: ROLE, Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
    ...rest,
  },
});

export const aRule = (machine: string, pattern: object, target: object = {}): object => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    EventPattern: pattern,
    Targets: [{ Id: 'T', Arn: { Ref: machine }, RoleArn: ROLE, ...target }],
  },
});

/** A role of this name, which every service may assume; by default it may do everything. */
export const aRole = (statements: readonly object[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: 'r',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: {
            Service: ['lambda', 'states', 'events', 'scheduler'].map((name) => `${name}.amazonaws.com`),
          },
        },
      ],
    },
    Policies: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
});

/** What every assembly needs that is to be run: a warehouse and the role. */
export const RUNNABLE: Readonly<Record<string, object>> = {
  Role: aRole(),
  Namespace: {
    Type: 'AWS::RedshiftServerless::Namespace',
    Properties: { NamespaceName: 'n', DbName: 'millrace' },
  },
  Workgroup: {
    Type: 'AWS::RedshiftServerless::Workgroup',
    Properties: { WorkgroupName: 'w', NamespaceName: 'n' },
  },
};
