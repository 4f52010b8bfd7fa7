import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Jazz, startJazz } from '../../infra/local/jazz/server.ts';
import { expectedWorkItems } from '../infra/local/jazz/expected-rows.ts';
import { comparable, expectedItemComments, expectedItems } from './support/first-user.ts';
import { type Folder, type OpenWarehouse, openFolder, type RunDocument } from './support/folder.ts';
import { differences, type Row } from './support/tables.ts';

/** The configuration of the first users, whole, by the command: a login form behind a private authority, and all that a feed of Jazz may have. */

/** In forty pages, as 20,000 are in pages of 500. MILLRACE_ITEMS says another number. */
const ITEMS = Number(process.env.MILLRACE_ITEMS ?? 4_000);
const PAGE_SIZE = Math.ceil(ITEMS / 40);
const LONG = 600_000;
const USER = { username: 'svc.etl', password: 'käse & "Brot"+%20' };
const fixture = (name: string): string => readFileSync(join('test/fixtures', name), 'utf8');

let folder: Folder;
let warehouse: OpenWarehouse;
let jazz: Jazz;
let report: RunDocument & { readonly status: number | null };

beforeAll(async () => {
  folder = openFolder();
  jazz = await startJazz({
    seed: 11,
    items: ITEMS,
    login: { kind: 'form', ...USER },
    tls: { key: fixture('tls/server-key.pem'), cert: fixture('tls/server.pem') },
  });
  folder.write(
    'feeds/connections.yaml',
    `jazz:
  baseUrl: "${jazz.url}"
  auth: { kind: jazz, secret: millrace/jazz }
  tls: { caSecret: millrace/ca }
  limits: { concurrency: 4, idleTimeout: 60s }
`,
  );
  const feed = fixture('first-user/work_items.yaml').replace('size: 500', `size: ${PAGE_SIZE}`);
  folder.write('feeds/work_items.yaml', feed);
  jazz.fault({ fault: { kind: 'login' }, page: 3, times: 1 });
  const secrets = { 'millrace/jazz': USER, 'millrace/ca': { ca: fixture('tls/ca.pem') } };
  report = await folder.run(['--at', new Date(jazz.now()).toISOString()], {
    env: { MILLRACE_SECRETS: JSON.stringify(secrets) },
  });
  console.info(`${ITEMS.toLocaleString('en-US')} work items: ${report.seconds.toFixed(1)} s`);
  warehouse = await folder.openWarehouse();
}, LONG);
afterAll(async () => {
  await warehouse.close();
  await jazz.close();
  folder.remove();
});

/** Rows of a query, lists and maps as `comparable` writes them. */
const rowsOf = async (sql: string, supers: readonly string[] = []): Promise<readonly Row[]> =>
  (await warehouse.query(sql)).map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        comparable(supers.includes(name) && typeof value === 'string' ? JSON.parse(value) : value),
      ]),
    ),
  );

const ITEM_COLUMNS = [...Object.keys(expectedWorkItems), 'effort', 'regression', 'inspected', 'custom'];

describe(`the first users' ETL, with ${ITEMS.toLocaleString('en-US')} work items`, () => {
  it('ends well in one batch, without a reject or a warning', () => {
    expect(report).toMatchObject({ status: 0, ok: true, failures: [] });
    expect(report.feeds.work_items).toMatchObject({ batches: 1, rejects: 0, warnings: [] });
  });

  it('reads every live item as the server holds it: typed, by its extensions, times of its own clocks', async () => {
    const sql = `SELECT ${ITEM_COLUMNS.join(', ')} FROM ewm.work_items ORDER BY id`;
    expect(differences(await rowsOf(sql, ['custom', 'tags']), expectedItems(jazz))).toEqual([]);
  });

  it('reads every comment of every item, in its place', async () => {
    const rows = await rowsOf(`SELECT w.id, c.position, c.created, c.author, c.content
      FROM ewm.comments c JOIN ewm.work_items w ON w.item_id = c.item_id ORDER BY w.id, c.position`);
    expect(differences(rows, expectedItemComments(jazz))).toEqual([]);
  });

  it('has deleted items in a table of their own, by a partition of their own', async () => {
    const rows = await rowsOf('SELECT item_id, id, modified FROM ewm.gone ORDER BY id');
    const expected = jazz.deletedWorkItems().map(({ itemId, id, modified }) => ({
      item_id: String(itemId),
      id: Number(id),
      modified: `${new Date(String(modified).replace(/(\d\d)$/, ':$1')).toISOString().slice(0, 19).replace('T', ' ')}+00`,
    }));
    expect(expected).toHaveLength(12);
    expect(differences(rows, expected)).toEqual([]);
  });

  it('logs in again where the session ended on page 3, and asks for that page once more', () => {
    const logins = jazz.requests.filter((one) => one === 'POST /ccm/j_security_check');
    expect(logins.length).toBeGreaterThanOrEqual(2);
    const pages = jazz.requests.filter((one) => one.includes(`&pos=${2 * PAGE_SIZE}`));
    const again = pages.filter((one, at) => pages.indexOf(one) !== at);
    expect(again.length).toBeGreaterThanOrEqual(1);
  });
});
