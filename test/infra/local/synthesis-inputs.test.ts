import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestInputs, isMadeOf, writeStamp } from '../../../infra/local/synthesis-inputs.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inputs-'));
  for (const name of FILES) await write(name, 'one');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const FILES = [
  'app/infra/constructs/machine.ts',
  'app/handlers/a.handler.ts',
  'app/shared/model/feed.ts',
  'app/package.json',
  'app/package-lock.json',
  'app/tsconfig.json',
  'app/cdk.json',
  'app/node_modules/.package-lock.json',
  'feeds/a.yaml',
  'feeds/connections.yaml',
  'feeds/connections.local.yaml',
];
const write = async (name: string, text: string): Promise<void> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
};
const digest = (context: Readonly<Record<string, unknown>> = {}, feeds = 'feeds'): Promise<string> =>
  digestInputs({ root: join(folder, 'app'), feeds: join(folder, feeds), context });

describe('the digest of what synthesis reads', () => {
  it('stays while nothing of it changes', async () => {
    const before = await digest();
    await write('feeds/a.xml', 'what no synthesis reads');
    await write('feeds/a.yaml', 'one');
    expect(await digest()).toBe(before);
  });

  it.each(FILES)('changes with the text of %s, and when it is gone', async (name) => {
    const before = await digest();
    await write(name, 'two');
    const changed = await digest();
    await rm(join(folder, name));
    expect(new Set([before, changed, await digest()]).size).toBe(3);
  });

  it.each(['app/infra/new.ts', 'app/handlers/x/new.ts', 'app/shared/new.ts', 'feeds/new.yaml'])(
    'changes when there is a file more, %s',
    async (name) => {
      const before = await digest();
      await write(name, '');
      expect(await digest()).not.toBe(before);
    },
  );

  it('changes with the name of a file, even where the texts one after the other stay', async () => {
    const before = await digest();
    await rm(join(folder, 'feeds/a.yaml'));
    await write('feeds/b.yaml', 'one');
    expect(await digest()).not.toBe(before);
  });

  it('changes with the context, the folder of feeds and the variables of the CDK', async () => {
    await write('others/a.yaml', 'one');
    const before = await digest();
    vi.stubEnv('CDK_DEFAULT_REGION', 'eu-central-1');
    const inRegion = await digest();
    vi.unstubAllEnvs();
    const others = [await digest({ 'millrace:database': 'x' }), await digest({}, 'others'), inRegion];
    expect(new Set([before, ...others]).size).toBe(4);
  });
});

describe('an assembly', () => {
  beforeEach(async () => {
    await write('cdk.out/manifest.json', '{}');
    await write('cdk.out/asset.1/index.mjs', 'code');
    await writeStamp(join(folder, 'cdk.out'), 'digest');
  });
  const isMade = (inputs = 'digest') => isMadeOf(join(folder, 'cdk.out'), inputs);

  it('is made of the inputs that it names, and of no others', async () => {
    expect([await isMade(), await isMade('another')]).toEqual([true, false]);
  });

  it.each([
    ['a file of it is gone', () => rm(join(folder, 'cdk.out/asset.1/index.mjs'))],
    ['a file of it was written', () => write('cdk.out/asset.1/index.mjs', 'other code')],
    ['a file was added', () => write('cdk.out/asset.2/index.mjs', '')],
    ['a file has another time', () => utimes(join(folder, 'cdk.out/manifest.json'), 1, 1)],
    ['its stamp is gone', () => rm(join(folder, 'cdk.out/millrace-inputs.json'))],
    ['its stamp is cut', () => write('cdk.out/millrace-inputs.json', '{"inputs":"dig')],
    ['it is gone', () => rm(join(folder, 'cdk.out'), { recursive: true })],
  ])('is not relied on when %s', async (_what, damage) => {
    await damage();
    expect(await isMade()).toBe(false);
  });
});
