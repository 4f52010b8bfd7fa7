import { describe, expect, test } from 'vitest';
import { AUTH_KINDS, auth } from '../../../../shared/source/auth/registry.ts';
import { silent, talk } from './talk.ts';

describe('kinds whose login asks nothing', () => {
  test('none carries nothing', async () => {
    const { session } = await talk({ kind: 'none' }, {}, silent);
    expect(session.headers).toEqual([]);
  });

  test('basic writes user and password in UTF-8, a colon in the password too', async () => {
    const { session } = await talk(
      { kind: 'basic', secret: 's' },
      { username: 'zoë', password: 'a:b' },
      silent,
    );
    expect(session.headers).toEqual([
      ['authorization', `Basic ${Buffer.from('zoë:a:b').toString('base64')}`],
    ]);
  });

  test('bearer and header carry their value as it is', async () => {
    const bearer = await talk({ kind: 'bearer', secret: 's' }, { token: 't0k' }, silent);
    const header = await talk({ kind: 'header', secret: 's', name: 'X-Api-Key' }, { value: 'k3y' }, silent);
    expect(bearer.session.headers).toEqual([['authorization', 'Bearer t0k']]);
    expect(header.session.headers).toEqual([['x-api-key', 'k3y']]);
  });
});

describe('the registry of auth kinds', () => {
  test('reads each kind by its own keys, and no other key', () => {
    expect(auth.parse({ kind: 'header', secret: 's', name: 'X-Key' })).toEqual({
      kind: 'header',
      secret: 's',
      name: 'X-Key',
    });
    expect(auth.safeParse({ kind: 'basic', secret: 's', name: 'X-Key' }).success).toBe(false);
    expect(auth.safeParse({ kind: 'header', secret: 's', name: 'a b' }).success).toBe(false);
    expect(auth.safeParse({ kind: 'kerberos' }).success).toBe(false);
  });

  test('has one kind for each word, and a secret wherever fields of it are read', () => {
    const kinds = AUTH_KINDS.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const { schema, secretFields } of AUTH_KINDS) {
      expect('secret' in schema.shape).toBe(secretFields.length > 0);
    }
  });
});
