import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { httpClock } from '../../handlers/adapters/http-clock.ts';
import { newHttpSessions } from '../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../handlers/adapters/http-source.ts';
import { newTransports } from '../../handlers/adapters/http-transport.ts';
import { secretsManager } from '../../handlers/adapters/secrets-manager.ts';
import type { SourceRequest } from '../../handlers/ports/source.ts';
import { startSecrets } from '../../infra/local/secrets/server.ts';
import { WarehouseRefused, WarehouseUnready } from '../../shared/errors.ts';
import { newRedactor } from '../../shared/redact/redactor.ts';
import { fixedSecrets } from '../fakes/fixed-secrets.ts';
import { loopbackSource } from '../fakes/loopback-source.ts';
import { hastyClock } from '../fakes/manual-clock.ts';
import { memoryObjectStreams } from '../fakes/memory-object-streams.ts';
import { pagedSource, pageXml } from '../fakes/paged-source.ts';
import { scriptedWarehouse } from '../fakes/scripted-warehouse.ts';
import { objectStreamsContract } from './object-streams.ts';
import { secretsContract } from './secrets.ts';
import { sourceContract } from './source.ts';
import { REFUSED_SQL, ROWS, ROWS_SQL, UNREADY_SQL, warehouseContract } from './warehouse.ts';

/**
 * Every Secrets and Source there is, and the fakes of ObjectStreams and Warehouse: what stands for S3 and Redshift, local and of AWS, is
 * tried by test/aws.
 */

secretsContract('in memory', async (secrets) => fixedSecrets(secrets));

secretsContract('Secrets Manager of the local cloud', async (secrets) => {
  const server = await startSecrets(secrets);
  onTestFinished(() => server.close());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return secretsManager(
    new SecretsManagerClient({ endpoint: server.url, region: 'eu-central-1', credentials, maxAttempts: 1 }),
    newRedactor(),
  );
});

objectStreamsContract('in memory', async () => {
  const memory = memoryObjectStreams();
  let version = 0;
  return {
    streams: memory,
    land: async (key, bytes) => {
      version += 1;
      const object = { bucket: 'bucket', key, versionId: `v${version}` };
      memory.land(object, bytes, version);
      return object;
    },
    uploaded: async (key) => memory.objects.get(key),
  };
});

warehouseContract('in memory', async () => {
  const warehouse = scriptedWarehouse((sql) => {
    if (sql === ROWS_SQL) return ROWS;
    if (sql === UNREADY_SQL) throw new WarehouseUnready('relation "nowhere" does not exist');
    throw new WarehouseRefused('invalid input syntax for type integer: "nowhere"');
  });
  return {
    warehouse,
    end: async (id) => {
      const isRefused = warehouse.submitted.find((one) => one.id === id)?.statements.includes(REFUSED_SQL);
      if (isRefused) warehouse.end(id, 'failed', 'invalid input syntax for type integer: "nowhere"');
      else warehouse.end(id, 'finished');
    },
  };
});

const CLOCK_MS = Date.parse('2026-11-02T00:00:00Z');
const route = { network: 'public', idleTimeoutMs: 60_000 } as const;
const pageOf = (n: number, next: string): string => pageXml(2 * n - 1, 2 * n, n === 1 ? next : undefined);
const requestTo =
  (origin: string) =>
  (page: number): SourceRequest => ({
    ...route,
    url: `${origin}/items?pos=${page - 1}`,
    page,
    headers: [],
    auth: { kind: 'none' },
    trustedHosts: [new URL(origin).host],
  });

sourceContract('in memory', async () => {
  const origin = 'http://127.0.0.1:8080';
  return {
    source: pagedSource({ pages: 2, rowsPerPage: 2, clockMs: CLOCK_MS }),
    request: requestTo(origin),
    page: (n) => pageOf(n, `${origin}/items?pos=1`),
  };
});

sourceContract('HTTP', async () => {
  const page = (n: number): string => pageOf(n, '/items?pos=1');
  const { origin } = await loopbackSource(({ url = '', method }, response) => {
    const n = Number(new URL(url, 'http://127.0.0.1').searchParams.get('pos')) + 1;
    response.writeHead(200, { 'content-type': 'application/xml', date: new Date(CLOCK_MS).toUTCString() });
    response.end(method === 'HEAD' ? undefined : page(n));
  });
  const redactor = newRedactor();
  const deps = {
    secrets: fixedSecrets({}, redactor),
    clock: hastyClock(),
    random: () => 0.5,
    redactor,
    transports: newTransports(),
  };
  const sessions = newHttpSessions(deps.clock);
  return {
    source: { ...httpSource({ ...deps, sessions }), ...httpClock(deps) },
    request: requestTo(origin),
    page,
  };
});
