import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { FeedsFile } from '../shared/model/feed.ts';
import type { FindBundle } from './bundles.ts';
import { addStacks } from './millrace.ts';
import type { Settings } from './settings.ts';

/**
 * Puts the stacks into an app: what is kept, a warehouse where none is named, and what a deployment replaces. Synthesis throws
 * on any finding of cdk-nag's AwsSolutions rules that no construct acknowledges.
 */
export const buildApp = (app: App, settings: Settings, feeds: FeedsFile, findBundle: FindBundle): void => {
  addStacks(app, settings, Object.values(feeds), findBundle);
  for (const [key, value] of Object.entries(settings.names.tags)) Tags.of(app).add(key, value);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};
