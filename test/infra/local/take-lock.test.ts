import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../../infra/local/take-lock.ts';
import { TerminalError, TransientError } from '../../../shared/errors.ts';

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

  it('takes others’ rights from what an earlier run left open, and from nothing in a folder that others use', () => {
    const modesOf = (...paths: string[]) => paths.map((path) => statSync(path).mode & 0o777);
    const leave = (data: string, ...names: string[]) => {
      mkdirSync(join(data, 's3'), { recursive: true, mode: 0o755 });
      for (const name of names) writeFileSync(join(data, name), '', { mode: 0o644 });
    };
    const [own, shared] = [join(folder, 'own'), join(folder, 'shared')];
    leave(own, 'journal.sqlite', 's3/index.sqlite');
    lockFolder(own).release();
    expect(modesOf(own, join(own, 's3'), join(own, 'journal.sqlite'), join(own, 's3/index.sqlite'))).toEqual([
      0o700, 0o700, 0o600, 0o600,
    ]);
    leave(shared, 'index.html', 's3/theirs');
    lockFolder(shared).release();
    expect(modesOf(shared, join(shared, 's3'), join(shared, 'index.html'))).toEqual([0o755, 0o755, 0o644]);
    expect(modesOf(join(shared, 'lock'), join(shared, 'lock.sqlite'))).toEqual([0o600, 0o600]);
  });

  it('tells a damaged file from one that is held', () => {
    lockFolder(folder).release();
    writeFileSync(join(folder, 'lock.sqlite'), 'x'.repeat(8192));
    const take = (): unknown => lockFolder(folder);
    expect(take).toThrow(TerminalError);
    expect(take).toThrow(/lock\.sqlite is damaged .*no run is under way.*: rm '.*lock\.sqlite'/);
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
