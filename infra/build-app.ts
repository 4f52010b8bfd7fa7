import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { FeedsFile } from '../shared/model/feed.ts';
import type { FindBundle } from './bundles.ts';
import { existingWarehouse } from './constructs/warehouse.ts';
import type { Settings } from './settings.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';
import { WarehouseStack } from './stacks/warehouse-stack.ts';

/**
 * Puts the stacks into an app: what is kept, a warehouse where none is named, and what a deployment replaces. Synthesis throws
 * on any finding of cdk-nag's AwsSolutions rules that no construct acknowledges.
 */
export const buildApp = (app: App, settings: Settings, feeds: FeedsFile, findBundle: FindBundle): void => {
  const { stacks, tags } = settings.names;
  const { bucket } = new StorageStack(app, stacks.storage);
  const warehouse =
    existingWarehouse(settings) ?? new WarehouseStack(app, stacks.warehouse, { settings, bucket }).warehouse;
  new PipelineStack(app, stacks.pipeline, {
    settings,
    bucket,
    warehouse,
    feeds: Object.values(feeds),
    findBundle,
  });
  for (const [key, value] of Object.entries(tags)) Tags.of(app).add(key, value);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};
