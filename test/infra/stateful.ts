import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { loadResourceSpec, type ResourceSpec } from './resource-spec.ts';
import { synthesized } from './synthesized.ts';

/** What holds data in a deployment: by its stack's part, then its logical id. */
const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
export const stateful = z.record(z.string(), z.record(z.string(), resource));
export type Stateful = z.infer<typeof stateful>;

/** Types that AWS does not call stateful, and whose replacement loses something: messages, logs, subscriptions, a name that others know. */
const ALSO = [
  'AWS::Logs::LogGroup',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::KMS::Key',
  'AWS::SecretsManager::Secret',
  'AWS::RedshiftServerless::Namespace',
  'AWS::RedshiftServerless::Workgroup',
];

const ofTemplate = (template: Template, spec: ResourceSpec): Stateful[string] =>
  Object.fromEntries(
    Object.entries(z.record(z.string(), resource).parse(template.toJSON().Resources)).filter(
      ([, { Type }]) => ALSO.includes(Type) || spec.isStateful(Type),
    ),
  );

/** The stateful resources of what is in this checkout: of the unnamed deployment, with its own warehouse. */
export const currentStateful = (spec: ResourceSpec = loadResourceSpec()): Stateful => {
  const { storage, warehouse, pipeline } = synthesized();
  return {
    storage: ofTemplate(storage, spec),
    warehouse: ofTemplate(warehouse, spec),
    pipeline: ofTemplate(pipeline, spec),
  };
};
