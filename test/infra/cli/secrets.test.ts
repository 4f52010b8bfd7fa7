import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecrets } from '../../../infra/cli/secrets.ts';
import { fakeIo } from './fake-io.ts';

let data = '';
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-secrets-'));
});
afterEach(() => rm(data, { recursive: true }));

describe('local secrets', () => {
  it('come from MILLRACE_SECRETS before any file', async () => {
    await writeFile(join(data, 'secrets.json'), '{"a":1}');
    const io = fakeIo({ env: { MILLRACE_SECRETS: '{"b":{"token":"x"}}' } });
    expect(await readSecrets(io, data, undefined)).toEqual({ b: { token: 'x' } });
  });

  it('come from the file named, else from the data folder, else there are none', async () => {
    expect(await readSecrets(fakeIo(), data, undefined)).toEqual({});
    await writeFile(join(data, 'secrets.json'), '{"a":1}');
    await writeFile(join(data, 'mine.json'), '{"c":1}');
    expect(await readSecrets(fakeIo(), data, undefined)).toEqual({ a: 1 });
    expect(await readSecrets(fakeIo(), data, join(data, 'mine.json'))).toEqual({ c: 1 });
  });

  it('are told of where others can read their file', async () => {
    const path = join(data, 'secrets.json');
    await writeFile(path, '{"a":"hunter2"}', { mode: 0o600 });
    const quiet = fakeIo();
    await readSecrets(quiet, data, undefined);
    expect(quiet.err()).toBe('');
    await chmod(path, 0o640);
    const told = fakeIo();
    expect(await readSecrets(told, data, undefined)).toEqual({ a: 'hunter2' });
    expect(told.err()).toBe(
      `millrace: ${path} has mode 0640, so others can read its secrets; chmod 600 ${path}\n`,
    );
  });

  it('are refused without being shown', async () => {
    const io = fakeIo({ env: { MILLRACE_SECRETS: 'hunter2' } });
    await expect(readSecrets(io, data, undefined)).rejects.toThrow(
      'MILLRACE_SECRETS is not a JSON object of secret id to value',
    );
  });
});
