import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { FeedsFile } from '../shared/feed/feed.ts';
import type { Settings } from './settings.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';

/**
 * Puts the two stacks into an app: what is kept, and what a deployment replaces. Synthesis throws on any finding of
 * cdk-nag's AwsSolutions rules that no construct acknowledges.
 */
export const buildApp = (app: App, settings: Settings, feeds: FeedsFile): void => {
  const storage = new StorageStack(app, 'MillraceStorage', { settings });
  new PipelineStack(app, 'MillracePipeline', {
    settings,
    bucket: storage.bucket,
    warehouse: storage.warehouse,
    feeds: Object.values(feeds),
    feedsFile: writeFeedsFile(app.outdir, feeds),
  });
  Tags.of(app).add('project', 'millrace');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};

/** The file stands in the assembly, so that what is deployed can be read there. */
const writeFeedsFile = (outdir: string, feeds: FeedsFile): string => {
  mkdirSync(outdir, { recursive: true });
  const file = join(outdir, 'feeds.json');
  writeFileSync(file, JSON.stringify(feeds));
  return file;
};
