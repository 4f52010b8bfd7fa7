import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

  it('that fails says why, and leaves the assembly before it whole', async () => {
    const synthesis = synthesize({ feeds: join(folder, 'nowhere'), out: join(folder, 'cdk.out') });
    await expect(synthesis).rejects.toThrow(InvalidInput);
    expect((await left()).sort()).toEqual(WHOLE);
  });
});
