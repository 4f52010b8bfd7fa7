import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { FEATURE_FLAGS, readSettings } from './settings.ts';

const app = new App({ context: FEATURE_FLAGS });
const settings = readSettings(app.node);
buildApp(app, settings, {});
app.synth();
