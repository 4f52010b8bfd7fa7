import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { readFeeds } from './feeds-folder.ts';
import { FEATURE_FLAGS, readSettings } from './settings.ts';

const app = new App({ context: FEATURE_FLAGS });
const settings = readSettings(app.node);
const feeds = await readFeeds(settings.feeds, {
  cwd: process.cwd(),
  env: settings.env,
  allowLoopback: settings.loopbackSources,
});
buildApp(app, settings, Object.fromEntries(feeds.map((feed) => [feed.feed, feed])));
app.synth();
