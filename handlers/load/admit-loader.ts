import {
  allTargetsQuery,
  createLoader,
  grantDatabase,
  handOver,
  letLoaderIn,
  ownSchemasQuery,
  ownTablesQuery,
  passwordHash,
} from '../../shared/sql/loader.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { isRefusal } from './load-errors.ts';

export interface AdmitLoaderDeps {
  /** As its admin. */
  readonly warehouse: Pick<Warehouse, 'execute'>;
  readonly database: string;
  readonly secrets: Secrets;
  readonly adminSecret: string;
  readonly loaderSecret: string;
  /** Hides the password's hash, by which one could log in, in what is told of a statement. */
  readonly redactor: { learn(id: string, fields: Readonly<Record<string, string>>): void };
  readonly signal: AbortSignal;
}

/**
 * Makes the user that loads, gives it what it needs, and lets it in as the last step: what was cut short is done again by the next load, which
 * cannot log in before. Its secret may be changed: the next load that cannot log in brings the new password here.
 */
export const admitLoader = async (deps: AdmitLoaderDeps): Promise<void> => {
  const { warehouse, database, secrets, signal } = deps;
  const [admin, loader] = await Promise.all([
    secrets.read(deps.adminSecret),
    secrets.read(deps.loaderSecret),
  ]);
  const { username: name = '', password = '' } = loader;
  const hash = passwordHash(name, password);
  deps.redactor.learn('hash of the loading user', { password: hash });
  const run = (sql: string) => warehouse.execute(sql, signal);
  await unlessThere(() => run(createLoader(name)));
  await run(grantDatabase(name, database));
  for (const sql of await handedOver(name, admin.username ?? '', run)) await run(sql);
  await run(letLoaderIn(name, hash));
};

const unlessThere = async (create: () => Promise<unknown>): Promise<void> => {
  try {
    await create();
  } catch (error) {
    if (!(isRefusal(error) && /already exists/.test(error.message))) throw error;
  }
};

type Run = (sql: string) => ReturnType<Warehouse['execute']>;

/** What is to be given to it: of a new warehouse, nothing. */
const handedOver = async (name: string, admin: string, run: Run): Promise<readonly string[]> => {
  const tables = await run(ownTablesQuery(admin));
  if (tables.length === 0) return [];
  const schemas = await run(ownSchemasQuery(admin));
  return handOver(name, {
    schemas: schemas.map(([schema]) => String(schema)),
    tables: tables.map(([schema, table]) => ({ schema: String(schema), name: String(table) })),
    targets: new Set(await readTargets(run)),
  });
};

/** None where Millrace's own tables are not there. */
const readTargets = async (run: Run): Promise<readonly string[]> => {
  try {
    return (await run(allTargetsQuery())).map(([target]) => String(target));
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
};
