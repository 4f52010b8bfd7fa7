import { describe, expect, it } from 'vitest';
import type { DoctorDeps, Finding } from '../../../handlers/operate/doctor/check.ts';
import { examine } from '../../../handlers/operate/doctor/doctor.ts';
import type { BucketState } from '../../../handlers/ports/bucket-settings.ts';
import { ServiceRefused, SourceUnavailable, WarehouseRefused } from '../../../shared/errors.ts';
import type { HttpSource } from '../../../shared/model/feed.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';
import { scriptedWarehouse } from '../../fakes/scripted-warehouse.ts';
import { dropsFeed, feedOf } from '../extract/world.ts';

const HTTP = feedOf(
  'items',
  `source:
  http:
    url: https://jazz.example:9443/rpt
    auth: { kind: basic, secret: a/jazz }
    headers: { X-Key: "\${secret.key}" }
    tls: { caSecret: a/ca }
tables:
  t.items: { rows: /r/i, disposition: merge, key: [id], columns: { id: bigint } }
`,
);
const FULL = { 'a/jazz': { username: 'u', password: 'p', key: 'k' }, 'a/ca': { ca: 'PEM' } };
const ON: BucketState = { hasVersions: true, tellsEventBridge: true };

const clock = hastyClock();
const world = (change: Partial<DoctorDeps> = {}): DoctorDeps => ({
  feeds: [HTTP],
  readBucket: async () => 'state',
  buckets: { read: async () => ON },
  warehouse: scriptedWarehouse((sql) =>
    sql.includes('isolation') ? [['dev', 'Snapshot Isolation ']] : [['2026-11-23 12:00:00+00']],
  ),
  readUsageLimits: async () => undefined,
  isOwnMachine: false,
  awaitsFirstLoad: async () => false,
  secrets: fixedSecrets(FULL),
  sourceClock: { readClock: async () => clock.now() },
  clock,
  toStoreSecret: (id) => `store ${id}`,
  placeOf: (page) => `docs/${page}.md`,
  signal: new AbortController().signal,
  ...change,
});

const look = (change: Partial<DoctorDeps> = {}): Promise<readonly Finding[]> =>
  examine(world(change), { hasDeployment: true });

const faults = async (change: Partial<DoctorDeps>) =>
  (await look(change)).filter(({ state }) => state !== 'ok');

describe('doctor', () => {
  it('finds nothing wrong where nothing is, and says what it looked at', async () => {
    const found = await look();
    expect(found.map(({ of, state, remedy }) => [of, state, remedy])).toEqual([
      ['secret a/jazz', 'ok', ''],
      ['secret a/ca', 'ok', ''],
      ['source https://jazz.example:9443', 'ok', ''],
      ['bucket state', 'ok', ''],
      ['warehouse', 'ok', ''],
      ['loads', 'ok', ''],
    ]);
  });

  const workgroupArn = 'arn:aws:redshift-serverless:eu-central-1:123456789012:workgroup/0a';
  it('tells of a created workgroup whose bill nothing bounds, with the command that does', async () => {
    expect(await faults({ readUsageLimits: async () => ({ workgroupArn, limits: [] }) })).toEqual([
      {
        of: 'usage limit',
        state: 'wrong',
        says: expect.stringContaining('has none'),
        remedy: expect.stringContaining(`create-usage-limit --resource-arn ${workgroupArn} `),
      },
    ]);
    const limits = [{ amount: 200, period: 'monthly', breachAction: 'deactivate' }];
    const found = await look({ readUsageLimits: async () => ({ workgroupArn, limits }) });
    expect(found.at(-1)).toMatchObject({ state: 'ok', says: '200 RPU-hours monthly, then deactivate' });
    const denied = new ServiceRefused('AccessDeniedException');
    expect(await faults({ readUsageLimits: () => Promise.reject(denied) })).toMatchObject([
      {
        of: 'usage limit',
        says: 'AccessDeniedException',
        remedy: expect.stringContaining('ListUsageLimits'),
      },
    ]);
  });

  it('does not call a warehouse wrong whose user the first load makes', async () => {
    const words = 'FATAL: password authentication failed for user "millrace_loader"';
    const warehouse = { execute: () => Promise.reject(new WarehouseRefused(words)) };
    expect(await faults({ warehouse })).toMatchObject([{ of: 'warehouse', state: 'wrong', says: words }]);
    expect(await faults({ warehouse, awaitsFirstLoad: async () => true })).toMatchObject([
      {
        of: 'warehouse',
        state: 'unknown',
        says: expect.stringContaining('whom the first load makes'),
        remedy: expect.stringContaining('npx millrace trigger FEED'),
      },
    ]);
  });

  it('looks at feeds alone where nothing was run yet', async () => {
    const readBucket = async () => expect.unreachable('there is none');
    const found = await examine(world({ readBucket }), { hasDeployment: false });
    expect(found.map(({ of }) => of)).toEqual([
      'secret a/jazz',
      'secret a/ca',
      'source https://jazz.example:9443',
    ]);
  });

  it('names a secret that is not there, and the fields that one lacks, and never a value', async () => {
    const secrets = fixedSecrets({ 'a/jazz': { username: 'u', password: '' } });
    expect(await faults({ secrets })).toEqual([
      { of: 'secret a/jazz', state: 'wrong', says: 'lacks password, key', remedy: 'store a/jazz' },
      { of: 'secret a/ca', state: 'wrong', says: expect.stringContaining('a/ca'), remedy: 'store a/ca' },
    ]);
  });

  it('tells of a source that does not answer, and of one whose clock is off', async () => {
    const refuse = async () => {
      throw new SourceUnavailable('no answer from https://jazz.example:9443/: ENOTFOUND');
    };
    expect(await faults({ sourceClock: { readClock: refuse } })).toMatchObject([
      { of: 'source https://jazz.example:9443', state: 'wrong', says: expect.stringContaining('ENOTFOUND') },
    ]);
    expect(await faults({ sourceClock: { readClock: async () => clock.now() - 90_000 } })).toMatchObject([
      { state: 'wrong', says: 'answers, and its clock is 90 s behind' },
    ]);
  });

  /** What doctor finds of a server at a URL whose name or port a system says this code of. */
  const notReached = async (code: string, source: Partial<HttpSource>) => {
    const cause = Object.assign(new Error(`connect ${code}`), { code });
    const readClock = () => Promise.reject(new SourceUnavailable('no answer', { cause }));
    const feed = { ...HTTP, source: { ...HTTP.source, ...source } } as typeof HTTP;
    return (await faults({ feeds: [feed], sourceClock: { readClock } })).map(({ state, remedy }) => [
      state,
      remedy,
    ]);
  };

  it('says where the address of a server is written that does not answer, and what to do by why it does not', async () => {
    const url = 'http://books.acme.org:8080/x';
    expect(await notReached('ECONNREFUSED', { url })).toEqual([
      ['wrong', 'start the server, or mend host and port in `url` of feed items'],
    ]);
    expect(await notReached('ENOTFOUND', { url, connection: 'jazz' })).toEqual([
      ['wrong', 'mend the host in `baseUrl` of connection jazz in connections.yaml, or look at DNS'],
    ]);
    expect((await notReached('EPIPE', { url })).flat().join()).not.toContain('connection');
  });

  it.each(['https://jazz.example.com:9443', 'http://a.b.example.org', 'https://x.test', 'http://example'])(
    'knows %s for a placeholder, which is no fault, and says what to write instead',
    async (url) => {
      for (const code of ['ENOTFOUND', 'EAI_AGAIN'])
        expect(await notReached(code, { url, connection: 'jazz' })).toEqual([
          ['unknown', "write your server's address into `baseUrl` of connection jazz in connections.yaml"],
        ]);
      expect((await notReached('ECONNREFUSED', { url }))[0]?.[0]).toBe('wrong');
    },
  );

  it.each(['https://jazz.example.corp', 'https://myexample.com', 'https://example.com.acme.org'])(
    'takes %s for a name like any other',
    async (url) => {
      expect((await notReached('ENOTFOUND', { url }))[0]?.[0]).toBe('wrong');
    },
  );

  it('does not try a source of a private network, and says so', async () => {
    const { source } = HTTP;
    const feed = { ...HTTP, source: { ...source, network: 'vpc' } } as typeof HTTP;
    const readClock = async () => expect.unreachable('it is not reached from here');
    expect(await faults({ feeds: [feed], sourceClock: { readClock } })).toMatchObject([
      { of: 'source https://jazz.example:9443', state: 'unknown' },
    ]);
    expect(await faults({ feeds: [feed], isOwnMachine: true })).toEqual([]);
  });

  it('names the command for a bucket of others that has no versions, or tells nobody of its objects', async () => {
    const drops = dropsFeed();
    const feed = { ...drops, source: { ...drops.source, bucket: 'erp', prefix: 'a/' } } as typeof drops;
    const off = (state: BucketState) => ({
      feeds: [feed],
      buckets: { read: async (bucket: string) => (bucket === 'erp' ? state : ON) },
    });
    expect(await faults(off({ hasVersions: false, tellsEventBridge: true }))).toMatchObject([
      {
        of: 'bucket erp',
        state: 'wrong',
        remedy: expect.stringMatching(/^aws s3api put-bucket-versioning --bucket erp /),
      },
    ]);
    expect(await faults(off({ hasVersions: true, tellsEventBridge: false }))).toMatchObject([
      { remedy: expect.stringMatching(/^aws s3api put-bucket-notification-configuration --bucket erp /) },
    ]);
  });

  it('looks on where one thing may not be looked at', async () => {
    const buckets = {
      read: async () => {
        throw new ServiceRefused('settings of bucket state: AccessDenied');
      },
    };
    const found = await look({ buckets });
    expect(found.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'wrong', 'ok', 'ok']);
  });

  it('knows that nothing was loaded yet', async () => {
    const warehouse = scriptedWarehouse((sql) => {
      if (sql.includes('isolation')) return [['dev', 'Serializable']];
      throw new WarehouseRefused('relation "millrace.ledger" does not exist');
    });
    expect(await faults({ warehouse })).toMatchObject([{ of: 'loads', state: 'unknown' }]);
  });

  it('asks a warehouse that does not answer nothing more', async () => {
    const warehouse = scriptedWarehouse(() => {
      throw new WarehouseRefused('permission denied');
    });
    expect(await faults({ warehouse })).toMatchObject([
      {
        of: 'warehouse',
        state: 'wrong',
        says: 'permission denied',
        remedy: expect.stringContaining('docs/deploy.md'),
      },
    ]);
  });

  it('ends when it is interrupted', async () => {
    const signal = AbortSignal.abort();
    await expect(look({ signal })).rejects.toThrow('aborted');
  });
});
