import { PGlite } from '@electric-sql/pglite';
import { SYSTEM_OBJECTS } from './system-objects.ts';
import { withoutOptimisation } from './webassembly-tier.ts';

/**
 * Makes a new database in the folder of the first argument, in a process of its own: making one takes 400 MB more than
 * opening one, which a process would keep.
 */
await withoutOptimisation(async () => {
  const database = await PGlite.create({ dataDir: process.argv[2] ?? '' });
  await database.exec(`BEGIN; ${SYSTEM_OBJECTS}; COMMIT;`);
  await database.close();
});
