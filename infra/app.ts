import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { BUNDLE_CACHE } from './bundle-cache.ts';
import { bundleHandlers } from './bundles.ts';
import { readFeeds } from './feeds-folder.ts';
import { FEATURE_FLAGS, readSettings } from './settings.ts';

const app = new App({ context: FEATURE_FLAGS });
const settings = readSettings(app.node);
const all = await readFeeds(settings.feeds, {
  cwd: process.cwd(),
  env: settings.env,
  allowLoopback: settings.loopbackSources,
});
const feeds = Object.fromEntries(all.map((feed) => [feed.feed, feed]));
buildApp(app, settings, feeds, bundleHandlers(app.outdir, feeds, process.env[BUNDLE_CACHE]));
app.synth();
