import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { hashOf } from '../../../../infra/bundle-cache.ts';
import { installCache, makeCached } from '../../../../infra/local/install-cache.ts';
import { withoutOptimisation } from '../../../../infra/local/redshift/webassembly-tier.ts';

/** A new database in memory, of the files that the first one of this installation left: making one costs 4.8 CPU-s, this 0.7. */
export const newPglite = (): Promise<PGlite> => withoutOptimisation(openNew);

const openNew = async (): Promise<PGlite> => {
  const cache = installCache();
  if (cache === undefined) return PGlite.create();
  const template = join(cache, `pglite-${createdBy()}`);
  if (!existsSync(template)) {
    await makeCached(template, async (draft) => {
      const first = await PGlite.create();
      const files = await first.dumpDataDir('none');
      writeFileSync(join(draft, FILES), new Uint8Array(await files.arrayBuffer()));
      await first.close();
    });
  }
  return PGlite.create({ loadDataDir: new Blob([readFileSync(join(template, FILES))]) });
};

const FILES = 'files.tar';

const createdBy = (): string => {
  const pglite = findPackageJSON('@electric-sql/pglite', import.meta.url);
  if (pglite === undefined) throw new Error('PGlite is not installed');
  return hashOf(readFileSync(pglite, 'utf8')).slice(0, 16);
};
