import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../../infra/local/take-lock.ts';
import { TransientError } from '../../../shared/errors.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the lock of a data folder', () => {
  it('is taken on a folder that is not there yet, and again when it was released', () => {
    const data = join(folder, 'new', 'data');
    lockFolder(data).release();
    lockFolder(data).release();
  });

  it('says who has it and what to do', () => {
    const lock = lockFolder(folder);
    const take = (): unknown => lockFolder(folder);
    expect(take).toThrow(TransientError);
    expect(take).toThrow(
      `another millrace run uses ${folder} (process ${process.pid}): wait for it, end it, or give another --data`,
    );
    lock.release();
  });
});
