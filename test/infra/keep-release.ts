import { readFileSync, writeFileSync } from 'node:fs';
import { currentStateful } from './stateful.ts';

/** Keeps what a release has of stateful resources, for releases.test.ts of those to come: `node test/infra/keep-release.ts`, by the one who releases. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
writeFileSync(`test/fixtures/releases/${version}.json`, `${JSON.stringify(currentStateful(), null, 2)}\n`);
