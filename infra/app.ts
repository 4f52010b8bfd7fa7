import { App } from 'aws-cdk-lib';
import { InvalidInput } from '../shared/errors.ts';
import { buildApp } from './build-app.ts';
import { BUNDLE_CACHE } from './bundle-cache.ts';
import { bundleHandlers } from './bundles.ts';
import { feedOfDeployment } from './feed-of-deployment.ts';
import { FeedProblems } from './feed-problems.ts';
import { readFeeds } from './feeds-folder.ts';
import { FEATURE_FLAGS, readSettings } from './settings.ts';

const synthesize = async (): Promise<void> => {
  const app = new App({ context: FEATURE_FLAGS });
  const settings = readSettings(app.node);
  const all = await readFeeds(settings.feeds, {
    cwd: process.cwd(),
    overlay: settings.connections ?? settings.env,
    allowLoopback: settings.loopbackSources,
    loadEveryMs: settings.loadEvery,
  });
  const feeds = Object.fromEntries(all.map((feed) => [feed.feed, feedOfDeployment(feed, settings.names)]));
  buildApp(app, settings, feeds, bundleHandlers(app.outdir, feeds, process.env[BUNDLE_CACHE]));
  app.synth();
};

try {
  await synthesize();
} catch (error) {
  // The user's to mend: a line a problem says where, and a stack says nothing more. Leaving at once, the CDK does not synthesize what is half built.
  if (!(error instanceof InvalidInput || error instanceof FeedProblems)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
