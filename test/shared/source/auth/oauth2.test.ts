import { describe, expect, test } from 'vitest';
import { SourceRefused, SourceUnavailable } from '../../../../shared/errors.ts';
import { headerOf, type Reply, talk } from './talk.ts';

const auth = {
  kind: 'oauth2',
  secret: 'acme/client',
  tokenUrl: 'https://id.example/token',
  scope: 'read all',
} as const;
const secret = { clientId: 'me & co', clientSecret: 'p+w' };
const token = (fields: object): Reply => ({
  body: JSON.stringify({ access_token: 'abc', token_type: 'Bearer', ...fields }),
});

describe('oauth2', () => {
  test('asks the server of tokens as RFC 6749 says, both parts of the client form-encoded', async () => {
    const { asked } = await talk(auth, secret, () => token({ expires_in: 3600 }));
    const [request] = asked;
    expect(request).toMatchObject({ method: 'POST', url: 'https://id.example/token' });
    expect(request?.body).toBe('grant_type=client_credentials&scope=read+all');
    const basic = headerOf(request?.headers ?? [], 'authorization')?.replace('Basic ', '') ?? '';
    expect(Buffer.from(basic, 'base64').toString()).toBe('me+%26+co:p%2Bw');
  });

  test('gives a session that ends before the token does', async () => {
    const { session } = await talk(auth, secret, () => token({ expires_in: 3600 }));
    expect(session).toEqual({ headers: [['authorization', 'Bearer abc']], lifetimeMs: 3_570_000 });
  });

  test('takes a lifetime written as text, and a token without one', async () => {
    expect((await talk(auth, secret, () => token({ expires_in: '60' }))).session.lifetimeMs).toBe(30_000);
    expect((await talk(auth, secret, () => token({}))).session.lifetimeMs).toBeUndefined();
  });

  test.each([
    [
      { status: 401, body: '{"error":"invalid_client","error_description":"unknown"}' },
      /acme\/client.*: invalid_client, unknown/,
    ],
    [
      {
        status: 400,
        body: JSON.stringify({ error: 'e'.repeat(60_000), error_description: 'd'.repeat(60_000) }),
      },
      /: e{300}…, d{300}…, allowed 200/,
    ],
    [{ status: 200, body: '<html>' }, /without access_token/],
    [{ status: 200, body: '{"access_token":"x","token_type":"mac"}' }, /of type mac, allowed bearer/],
  ])('refuses the answer %j with its reason', async (reply, message) => {
    const failing = talk(auth, secret, () => reply);
    await expect(failing).rejects.toThrow(SourceRefused);
    await expect(failing).rejects.toThrow(message);
  });

  test.each([408, 429, 500, 503])(
    'a server of tokens that answers %i is away, not refusing',
    async (status) => {
      await expect(talk(auth, secret, () => ({ status }))).rejects.toThrow(SourceUnavailable);
    },
  );
});
