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
  const { bucket } = new StorageStack(app, 'MillraceStorage');
  const warehouse =
    existingWarehouse(settings) ??
    new WarehouseStack(app, 'MillraceWarehouse', { settings, bucket }).warehouse;
  new PipelineStack(app, 'MillracePipeline', {
    settings,
    bucket,
    warehouse,
    feeds: Object.values(feeds),
    findBundle,
  });
  Tags.of(app).add('project', 'millrace');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};
