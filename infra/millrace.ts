import { Stage, Tags } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Feed } from '../shared/model/feed.ts';
import { bundleHandlers, type FindBundle } from './bundles.ts';
import { existingWarehouse } from './constructs/warehouse.ts';
import { feedOfDeployment } from './feed-of-deployment.ts';
import { type Settings, type SettingsInput, toSettings } from './settings.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';
import { WarehouseStack } from './stacks/warehouse-stack.ts';

export interface MillraceProps {
  /** What is extracted and loaded: `await readFeeds('feeds', …)`. */
  readonly feeds: readonly Feed[];
  /**
   * What a deployment chooses, by the names that docs/deploy.md gives them: `env`, `workgroupName`, `copyRoleArn`, `alarmTopicArn` and so on.
   * @default - a warehouse of its own, and no name: the account's only deployment
   */
  readonly settings?: SettingsInput;
  /** Finds each function's bundle. @default - what the package was built with, put into the app's output folder */
  readonly findBundle?: FindBundle;
}

/**
 * All of Millrace, in stacks of its own below the scope: what is kept, a warehouse where none is named, and what a deployment
 * replaces. So each can be deployed, and protected, for itself. Throws InvalidInput for settings that are wrong.
 */
export class Millrace extends Construct {
  /** Holds all state; `landing/<feed>/` takes files. */
  readonly bucket: Bucket;
  readonly pipeline: PipelineStack;

  constructor(scope: Construct, id: string, props: MillraceProps) {
    super(scope, id);
    const settings = toSettings(props.settings ?? {});
    const feeds = props.feeds.map((feed) => feedOfDeployment(feed, settings.names));
    const findBundle =
      props.findBundle ??
      bundleHandlers(outdirOf(this), Object.fromEntries(feeds.map((feed) => [feed.feed, feed])));
    ({ bucket: this.bucket, pipeline: this.pipeline } = addStacks(this, settings, feeds, findBundle));
    for (const [key, value] of Object.entries(settings.names.tags)) Tags.of(this).add(key, value);
  }
}

/** Puts the stacks below a scope, named as the deployment. */
export const addStacks = (
  scope: Construct,
  settings: Settings,
  feeds: readonly Feed[],
  findBundle: FindBundle,
): { readonly bucket: Bucket; readonly pipeline: PipelineStack } => {
  const { stacks } = settings.names;
  // By name, whatever the scope: the deployment's verbs find its stacks by it.
  const { bucket } = new StorageStack(scope, stacks.storage, {
    stackName: stacks.storage,
    kmsKeyArn: settings.kmsKeyArn,
  });
  const warehouse =
    existingWarehouse(settings) ??
    new WarehouseStack(scope, stacks.warehouse, { stackName: stacks.warehouse, settings, bucket }).warehouse;
  const pipeline = new PipelineStack(scope, stacks.pipeline, {
    stackName: stacks.pipeline,
    ...{ settings, bucket, warehouse, feeds, findBundle },
  });
  return { bucket, pipeline };
};

const outdirOf = (scope: Construct): string => {
  const stage = Stage.of(scope);
  if (stage === undefined) throw new Error('a Millrace stands in no app, allowed is a scope below an App');
  return stage.outdir;
};
