import { expect, it } from 'vitest';
import { type AdmitLoaderDeps, admitLoader } from '../../../handlers/load/admit-loader.ts';
import { prepareWarehouse } from '../../../handlers/load/prepare-warehouse.ts';
import type { Row } from '../../../handlers/ports/warehouse.ts';
import {
  ServiceRefused,
  ServiceUnavailable,
  WarehouseRefused,
  WarehouseUnready,
} from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { sealed, toWorld } from './support/world.ts';

const SECRETS = {
  admin: { username: 'millrace', password: 'a' },
  loader: { username: 'millrace_loader', password: 'correct horse' },
};
/** md5 of `correct horsemillrace_loader`, by another program. */
const HASH = 'md5dd3af5cc6e52f34a07e97c27243f3ec1';

const refused = (message: string) => new WarehouseRefused(message);

/** A warehouse that has what is given, and keeps what its admin ran. */
const admin = (answers: Readonly<Record<string, readonly Row[] | Error>> = {}) => {
  const ran: string[] = [];
  const redactor = newRedactor();
  const execute = async (sql: string): Promise<readonly Row[]> => {
    ran.push(sql);
    const answer = Object.entries(answers).find(([start]) => sql.startsWith(start))?.[1] ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const deps: AdmitLoaderDeps = {
    warehouse: { execute },
    database: 'millrace',
    secrets: fixedSecrets(SECRETS),
    adminSecret: 'admin',
    loaderSecret: 'loader',
    redactor,
    signal: new AbortController().signal,
  };
  return { ran, redactor, admit: () => admitLoader(deps) };
};

const withoutQueries = (ran: readonly string[]) => ran.filter((sql) => !sql.startsWith('SELECT'));

it('makes the user of a new warehouse with what it needs, and lets it in as the last step', async () => {
  const { ran, redactor, admit } = admin();
  await admit();
  expect(withoutQueries(ran)).toEqual([
    'CREATE USER "millrace_loader" PASSWORD DISABLE',
    'GRANT CREATE, TEMPORARY ON DATABASE "millrace" TO "millrace_loader"',
    `ALTER USER "millrace_loader" PASSWORD '${HASH}'`,
  ]);
  expect(redactor.redact(`statement "${ran.at(-1)}" failed`)).not.toContain(HASH.slice(3));
});

const LEFT = {
  'SELECT n.nspname, c.relname': [
    ['millrace', 'ledger'],
    ['millrace', 'feeds'],
    ['ewm', 'work_items'],
    ['ewm', 'of_a_person'],
    ['other', 'of_a_person'],
    ['public', 'items'],
  ],
  'SELECT n.nspname FROM': [['millrace'], ['ewm'], ['other'], ['public']],
  'SELECT target': [['ewm.work_items'], ['public.items'], ['ewm.dropped']],
} satisfies Record<string, readonly Row[]>;

it('gives it what loads as the admin left, and leaves what is somebody else’s', async () => {
  const { ran, admit } = admin({ ...LEFT, 'CREATE USER': refused('user "millrace_loader" already exists') });
  await admit();
  expect(withoutQueries(ran).slice(2)).toEqual([
    'ALTER TABLE "millrace"."ledger" OWNER TO "millrace_loader"',
    'ALTER TABLE "millrace"."feeds" OWNER TO "millrace_loader"',
    'ALTER TABLE "ewm"."work_items" OWNER TO "millrace_loader"',
    'ALTER TABLE "public"."items" OWNER TO "millrace_loader"',
    'ALTER SCHEMA "millrace" OWNER TO "millrace_loader"',
    'ALTER SCHEMA "ewm" OWNER TO "millrace_loader"',
    `ALTER USER "millrace_loader" PASSWORD '${HASH}'`,
  ]);
});

it('does not let it in before all is its own', async () => {
  const { ran, admit } = admin({ ...LEFT, 'ALTER SCHEMA': new ServiceUnavailable('throttled') });
  await expect(admit()).rejects.toThrow('throttled');
  expect(ran.at(-1)).toMatch(/^ALTER SCHEMA/);
});

it('tells what else keeps it from making the user', async () => {
  const { admit } = admin({ 'CREATE USER': new WarehouseUnready('permission denied') });
  await expect(admit()).rejects.toThrow('permission denied');
});

/** Prepares one load, of which the loading user’s first question ends so. */
const prepared = async (first: Error | undefined) => {
  const world = toWorld();
  await world.put(sealed(1));
  const thread = await world.planned();
  let admitted = 0;
  let isRefused = first !== undefined;
  const admit = async () => {
    admitted += 1;
    isRefused = false;
  };
  const execute = async (sql: string, signal: AbortSignal): Promise<readonly Row[]> => {
    if (first !== undefined && isRefused) throw first;
    return world.warehouse.execute(sql, signal);
  };
  const warehouse = { ...world.warehouse, execute };
  const { statements } = await prepareWarehouse({ thread }, { ...world.deps(), warehouse, admit });
  return { admitted, statements };
};

it.each([
  new WarehouseUnready('FATAL: password authentication failed for user "millrace_loader"'),
  new WarehouseRefused('relation "millrace.contracts" does not exist'),
  new ServiceRefused('ValidationException: no such user'),
  new ServiceUnavailable('DatabaseConnectionException'),
])('lets the user in where its first question fails, in whatever words, and goes on: %s', async (error) => {
  const { admitted, statements } = await prepared(error);
  expect(admitted).toBe(1);
  expect(statements).toBeGreaterThan(0);
});

it('leaves the admin alone where the user is in', async () => {
  expect((await prepared(undefined)).admitted).toBe(0);
});
