import { describe, expect, it } from 'vitest';
import { synthesized } from './synthesized.ts';

const { pipeline } = synthesized();
const propertiesOf = (type: string): Record<string, unknown>[] =>
  Object.values(pipeline.findResources(type)).map(({ Properties }) => Properties);
const machineNames = Object.keys(pipeline.findResources('AWS::StepFunctions::StateMachine')).map((id) => ({
  'Fn::GetAtt': [id, 'Name'],
}));

describe('the pipeline in X-Ray', () => {
  it('has the trace of every execution kept: a sampling rule a machine takes all', () => {
    const rules = propertiesOf('AWS::XRay::SamplingRule').map(({ SamplingRule }) => SamplingRule);
    expect(rules).toHaveLength(4);
    for (const ServiceName of machineNames)
      expect(rules).toContainEqual(
        expect.objectContaining({
          ServiceName,
          ServiceType: 'AWS::StepFunctions::StateMachine',
          FixedRate: 1,
          RuleName: expect.stringMatching(/^.{1,32}$/),
        }),
      );
    expect(new Set(rules.map((rule) => JSON.stringify(rule))).size).toBe(4);
  });

  it('has a group a machine, which its name finds', () => {
    const groups = propertiesOf('AWS::XRay::Group');
    expect(groups).toHaveLength(4);
    for (const name of machineNames)
      expect(groups).toContainEqual(
        expect.objectContaining({
          FilterExpression: { 'Fn::Join': ['', ['service("', name, '")']] },
          GroupName: expect.stringMatching(/^MillracePipeline-\w+$/),
        }),
      );
  });
});

describe('saved queries', () => {
  it('ask the log of every function, below the name of the stack', () => {
    const functions = propertiesOf('AWS::Lambda::Function').length;
    const queries = propertiesOf('AWS::Logs::QueryDefinition');
    expect(queries.map(({ Name }) => Name)).toContain('MillracePipeline/errors by feed');
    for (const { LogGroupNames } of queries) expect(LogGroupNames).toHaveLength(functions);
  });
});
