import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { httpClock } from '../../../handlers/adapters/http-clock.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { execute, itemsFeed, NOW, schedule, sealedBatches, worldOf } from './world.ts';

it.each([
  ['an hour behind', -3_600_000, '2026-11-23T11:00:00.000Z'],
  ['an hour ahead', 3_600_000, NOW],
])('ends a window by the Date header of a server that is %s, less the delay', async (_, offMs, to) => {
  const server = await loopbackSource((_, response) => {
    response.setHeader('date', new Date(Date.parse(NOW) + offMs).toUTCString());
    response.writeHead(401).end();
  });
  const clock = httpClock({ secrets: fixedSecrets(), transports: newTransports() });
  const { window = expect.unreachable(), ...feed } = itemsFeed('', server.origin);
  const delayed = { ...feed, window: { ...window, delayMs: 60_000 } };
  const world = worldOf(delayed, { ...pagedSource({ pages: 1, rowsPerPage: 1 }), ...clock });
  await execute(world, schedule());
  expect(server.requests).toEqual(['HEAD /']);
  expect(sealedBatches(world)[0]?.window?.to).toBe(new Date(Date.parse(to) - 60_000).toISOString());
});

/** A port of this machine on which nothing listens. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
  });
  return promise;
};

it('says of a port on which nothing listens that it is so, once', async () => {
  const clock = httpClock({ secrets: fixedSecrets(), transports: newTransports() });
  const port = await freePort();
  const route = { network: 'public', idleTimeoutMs: 10_000, caSecret: undefined } as const;
  await expect(
    clock.readClock(`http://127.0.0.1:${port}/`, route, new AbortController().signal),
  ).rejects.toThrow(
    `no answer from http://127.0.0.1:${port}/: nothing listens there (connect ECONNREFUSED 127.0.0.1:${port})`,
  );
});
