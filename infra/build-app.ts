import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { FeedsFile } from '../shared/feed/feed.ts';
import type { FindBundle } from './bundles.ts';
import type { Settings } from './settings.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';

/**
 * Puts the two stacks into an app: what is kept, and what a deployment replaces. Synthesis throws on any finding of
 * cdk-nag's AwsSolutions rules that no construct acknowledges.
 */
export const buildApp = (app: App, settings: Settings, feeds: FeedsFile, findBundle: FindBundle): void => {
  const storage = new StorageStack(app, 'MillraceStorage', { settings });
  new PipelineStack(app, 'MillracePipeline', {
    settings,
    bucket: storage.bucket,
    warehouse: storage.warehouse,
    feeds: Object.values(feeds),
    findBundle,
  });
  Tags.of(app).add('project', 'millrace');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};
