import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { httpClock } from '../../../handlers/adapters/http-clock.ts';
import { newTransports, type Resolve } from '../../../handlers/adapters/http-transport.ts';
import { startJazz } from '../../../infra/local/jazz/server.ts';
import { SecretMissing, SourceRefused, UntrustedHost } from '../../../shared/errors.ts';
import type { Network } from '../../../shared/source/addresses.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';

const tls = (name: string): string => readFileSync(`test/fixtures/tls/${name}.pem`, 'utf8');

const SECRETS = { ca: { ca: tls('ca') }, other: { username: 'x' }, empty: { ca: 'no certificate' } };

const ask = (url: string, resolve?: Resolve, caSecret?: string, network: Network = 'public') => {
  const clock = httpClock({ secrets: fixedSecrets(SECRETS), transports: newTransports(resolve) });
  return clock.readClock(url, { network, caSecret, idleTimeoutMs: 5_000 }, new AbortController().signal);
};

const start = async (isTls: boolean): Promise<string> => {
  const secure = isTls ? { tls: { key: tls('server-key'), cert: tls('server') } } : {};
  const jazz = await startJazz({ seed: 1, items: 1, ...secure });
  onTestFinished(() => jazz.close());
  return jazz.url;
};

/** Names that lead where a test says, one answer after the other. */
const resolving = (...answers: readonly string[]): Resolve => {
  const left = [...answers];
  return (_host, _options, done) => {
    const address = left.length > 1 ? (left.shift() ?? '') : (left[0] ?? '');
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
};

describe('a server with a certificate of a private authority', () => {
  test('is reached with that authority, and with no other', async () => {
    const url = await start(true);
    expect(await ask(url, undefined, 'ca')).toBeTypeOf('number');
    await expect(ask(url)).rejects.toThrow(SourceRefused);
  });

  test.each(['other', 'empty', 'gone'])('is told of by the secret %s that has none', async (id) => {
    const url = await start(true);
    await expect(ask(url, undefined, id)).rejects.toThrow(SecretMissing);
    await expect(ask(url, undefined, id)).rejects.toThrow(new RegExp(`"${id}"`));
  });
});

describe('a name', () => {
  test.each([
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    '10.0.0.7',
    '192.168.0.1',
    'fd00::1',
  ])('that resolves to %s is not connected to', async (address) => {
    const asking = ask('http://jazz.example/', resolving(address));
    await expect(asking).rejects.toThrow(UntrustedHost);
    await expect(asking).rejects.toThrow(/jazz\.example may not be reached/);
  });

  test('is refused when one of its addresses is wrong, though another is right', async () => {
    const both: Resolve = (_host, _options, done) =>
      done(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    await expect(ask('http://jazz.example/', both)).rejects.toThrow(UntrustedHost);
  });

  test('that is another address at its second look-up is checked again', async () => {
    const url = await start(false);
    const transports = newTransports(resolving('127.0.0.1', '169.254.169.254'));
    const clock = httpClock({ secrets: fixedSecrets(SECRETS), transports });
    const route = { network: 'public', idleTimeoutMs: 5_000 } as const;
    const at = url.replace('127.0.0.1', 'localhost');
    expect(await clock.readClock(at, route, new AbortController().signal)).toBeTypeOf('number');
    const other = at.replace(/:\d+$/, ':9');
    await expect(clock.readClock(other, route, new AbortController().signal)).rejects.toThrow(UntrustedHost);
  });

  test('in a private network is reached where the feed says so, metadata not even then', async () => {
    const metadata = ask('http://jazz.example/', resolving('169.254.169.254'), undefined, 'vpc');
    await expect(metadata).rejects.toThrow(UntrustedHost);
  });
});

describe('an address in the URL', () => {
  test.each([
    'http://169.254.169.254/',
    'http://10.0.0.1/',
    'http://[fe80::1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://2852039166/',
  ])('%s is held to the same rules', async (url) => {
    await expect(ask(url)).rejects.toThrow(UntrustedHost);
  });
});
