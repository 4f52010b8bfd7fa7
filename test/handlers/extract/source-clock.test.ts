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
