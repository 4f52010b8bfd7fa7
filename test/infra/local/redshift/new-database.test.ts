import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installCache, makeCached } from '../../../../infra/local/install-cache.ts';
import { createDatabase } from '../../../../infra/local/redshift/new-database.ts';
import { openPostgres } from '../../../../infra/local/redshift/postgres.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-new-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const answerOf = async (dir: string): Promise<unknown> => {
  const postgres = await openPostgres(dir);
  try {
    return (await postgres.query('SELECT nvl(NULL, 1) AS one')).rows;
  } finally {
    await postgres.close();
  }
};

describe('a new database', () => {
  it('is a copy of the one that the installation made once, which is made anew when it is not whole', async () => {
    const cache = join(folder, 'cache');
    const warehouses = ['a', 'b', 'c'].map((name) => mkdtempSync(join(folder, name)));
    const [a = '', b = '', c = ''] = warehouses;
    await createDatabase(a, installCache(cache));
    const [template = '', ...more] = readdirSync(cache);
    expect(more).toEqual([]);
    writeFileSync(join(cache, template, 'pg', 'marked'), '');
    await createDatabase(b, installCache(cache));
    expect(existsSync(join(b, 'pg', 'marked'))).toBe(true);
    truncateSync(join(cache, template, 'pg', 'global', 'pg_control'), 10);
    await createDatabase(c, installCache(cache));
    expect(existsSync(join(c, 'pg', 'marked'))).toBe(false);
    for (const dir of warehouses) expect(await answerOf(dir)).toEqual([['1']]);
  });
});

describe('the cache of an installation', () => {
  it('is not used where others may write', () => {
    const cache = join(folder, 'cache');
    expect(installCache(cache)).toBe(cache);
    chmodSync(cache, 0o777);
    expect(installCache(cache)).toBeUndefined();
  });

  it('is not used where it cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(installCache(join(folder, 'file', 'cache'))).toBeUndefined();
  });

  it('holds what is whole: of two that make it at once one is kept, and what fails leaves nothing', async () => {
    const cache = join(folder, 'cache');
    installCache(cache);
    const path = join(cache, 'thing');
    const make = (text: string) =>
      makeCached(path, async (draft) => {
        await Promise.resolve();
        writeFileSync(join(draft, 'text'), text);
      });
    await Promise.all([make('one'), make('two')]);
    await expect(makeCached(join(cache, 'other'), () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(readdirSync(cache)).toEqual(['thing']);
  });
});
