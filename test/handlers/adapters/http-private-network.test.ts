import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports, type Resolve } from '../../../handlers/adapters/http-transport.ts';
import { UntrustedHost } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import type { Auth } from '../../../shared/source/auth/registry.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { manualClock } from '../../fakes/manual-clock.ts';

/** Trusted by name, and in nobody's internet: what a source may be led to, and must not reach. */
const INSIDE: Readonly<Record<string, string>> = {
  'ten.example': '10.0.0.7',
  'twelve.example': '172.16.0.1',
  'home.example': '192.168.1.1',
  'carrier.example': '100.64.0.1',
  'metadata.example': '169.254.169.254',
  'self.example': '127.0.0.1',
  'self6.example': '::1',
  'mapped.example': '::ffff:10.0.0.7',
  'nat64.example': '64:ff9b::a00:7',
  'sixtofour.example': '2002:a00:7::1',
  'unique.example': 'fd12::7',
  'link.example': 'fe80::7%lo',
};
const LITERALS = [
  '10.0.0.7',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[fd00:ec2::254]',
  '[fe80::1]',
];

/** A source that begins at localhost, as the feed says; names lead where the table says. */
const begin = async (answer: (response: ServerResponse) => unknown, auth: Auth = { kind: 'none' }) => {
  const server = await loopbackSource((_, response) => void answer(response));
  const lookups: string[] = [];
  const resolve: Resolve = (host, _options, done) => {
    lookups.push(host);
    const address = INSIDE[host] ?? '127.0.0.1';
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  const redactor = newRedactor();
  const clock = manualClock();
  const secrets = fixedSecrets({ s: { clientId: 'client', clientSecret: 'not-a-secret' } }, redactor);
  const source = httpSource({
    ...{ clock, secrets, redactor, random: () => 0 },
    sessions: newHttpSessions(clock),
    transports: newTransports(resolve),
  });
  const port = server.host.split(':')[1];
  const open = (url = `http://localhost:${port}/`) =>
    source.open(
      {
        ...{ url, page: 1, headers: [], auth, idleTimeoutMs: 5_000, network: 'public' },
        trustedHosts: [`localhost:${port}`, ...Object.keys(INSIDE), ...LITERALS],
      },
      { signal: new AbortController().signal, deadlineMs: clock.now() + 60_000 },
    );
  return { open, lookups, requests: server.requests };
};

const redirect = (location: string) => (response: ServerResponse) =>
  response.writeHead(302, { location }).end();

describe('a source that a trusted host leads into a private network', () => {
  test.each(Object.keys(INSIDE))('is not followed there by a redirect: %s', async (host) => {
    const { open, requests } = await begin(redirect(`http://${host}/secret`));
    const opened = open();
    await expect(opened).rejects.toThrow(UntrustedHost);
    await expect(opened).rejects.toThrow(`${host} may not be reached`);
    expect(requests).toHaveLength(1);
  });

  test.each(LITERALS)('is not followed to an address, however it is written: %s', async (host) => {
    const { open, requests } = await begin(redirect(`http://${host}/latest/meta-data/`));
    const opened = open();
    await expect(opened).rejects.toThrow(UntrustedHost);
    await expect(opened).rejects.toThrow('may not be reached');
    expect(requests).toHaveLength(1);
  });

  test.each(['http', 'https'])('is not asked there by a next link or a first URL over %s', async (scheme) => {
    const { open, requests } = await begin((response) => response.writeHead(200).end('<a/>'));
    for (const host of Object.keys(INSIDE))
      await expect(open(`${scheme}://${host}/page/2`)).rejects.toThrow(`${host} may not be reached`);
    expect(requests).toEqual([]);
  });

  test('gets no login sent there either', async () => {
    const auth = { kind: 'oauth2', secret: 's', tokenUrl: 'https://metadata.example/token' } as const;
    const { open, requests } = await begin((response) => response.writeHead(200).end('<a/>'), auth);
    await expect(open()).rejects.toThrow('metadata.example may not be reached');
    expect(requests).toEqual([]);
  });

  test('is connected to where its name led when that was checked: a name is looked up once', async () => {
    const { open, lookups, requests } = await begin((response) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end('<a/>'),
    );
    const { body } = await open();
    for await (const _ of body);
    expect(lookups).toEqual(['localhost']);
    expect(requests).toHaveLength(1);
  });
});
