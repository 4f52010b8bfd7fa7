import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnWaitConditionHandle, Stack } from 'aws-cdk-lib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FEATURE_FLAGS, Millrace } from '../../infra/index.ts';
import { dropsFeed } from '../handlers/extract/world.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-construct-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('stands in a stack of somebody else’s app, with stacks that are named as those of the project’s own', () => {
  const app = new App({ outdir: folder, context: FEATURE_FLAGS });
  const data = new Stack(app, 'Data');
  new CfnWaitConditionHandle(data, 'Theirs');
  new Millrace(data, 'Millrace', {
    feeds: [dropsFeed()],
    findBundle: () => import.meta.dirname,
  });
  const names = app.synth().stacksRecursively.map(({ stackName }) => stackName);
  expect(names.sort()).toEqual(['Data', 'MillracePipeline', 'MillraceStorage', 'MillraceWarehouse']);
});

it('refuses a setting that there is not', () => {
  const stack = new Stack(new App({ outdir: folder }), 'Data');
  const settings = JSON.parse('{ "workgroup": "dwh" }');
  expect(() => new Millrace(stack, 'Millrace', { feeds: [], settings })).toThrow('workgroup');
});
