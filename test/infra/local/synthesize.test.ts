import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { synthesize } from '../../../infra/local/synthesize.ts';
import { InvalidInput } from '../../../shared/errors.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'synthesize-'));
  await mkdir(join(folder, 'cdk.out'));
  await writeFile(join(folder, 'cdk.out', 'manifest.json'), 'of the run before');
});
afterEach(() => rm(folder, { recursive: true }));

const left = (): Promise<string[]> => readdir(folder, { recursive: true });
const WHOLE = ['cdk.out', 'cdk.out/manifest.json'];

describe('a synthesis', () => {
  it('that is interrupted leaves the assembly before it whole', async () => {
    const signal = AbortSignal.abort();
    const synthesis = synthesize({ feeds: folder, out: join(folder, 'cdk.out'), signal });
    await expect(synthesis).rejects.toThrow('aborted');
    expect((await left()).sort()).toEqual(WHOLE);
  });

  it('is spared while nothing that it reads has changed', { timeout: 300_000 }, async () => {
    const [feeds, out] = [join(folder, 'feeds'), join(folder, 'cdk.out')];
    await mkdir(feeds);
    await copyFile('feeds/inspections.yaml', join(feeds, 'inspections.yaml'));
    const born = async () => (await stat(out)).ino;
    await synthesize({ feeds, out });
    const first = await born();
    await synthesize({ feeds, out });
    expect(await born()).toBe(first);
    await rm(join(out, 'MillracePipeline.template.json'));
    await synthesize({ feeds, out });
    expect(await readdir(out)).toContain('MillracePipeline.template.json');
  });

  it('that fails says why, and leaves the assembly before it whole', async () => {
    const synthesis = synthesize({ feeds: join(folder, 'nowhere'), out: join(folder, 'cdk.out') });
    await expect(synthesis).rejects.toThrow(InvalidInput);
    // In a line, without a stack.
    await expect(synthesis).rejects.toThrow(
      /^synthesis failed with status 1:\nno folder .* of feed files: .*$/,
    );
    expect((await left()).sort()).toEqual(WHOLE);
  });
});
