import { describe, expect, it } from 'vitest';
import type { Secrets } from '../../handlers/ports/secrets.ts';
import { SecretMissing } from '../../shared/errors.ts';

/** The words of the Secrets port, as tests; `open` gives what holds these secrets and no others. */
export const secretsContract = (
  name: string,
  open: (secrets: Readonly<Record<string, Readonly<Record<string, string>>>>) => Promise<Secrets>,
) => {
  describe(`Secrets, ${name}`, () => {
    it('reads all fields of a secret, whatever their text, also again', async () => {
      const value = { username: 'u', password: 'zażółć "\\ 😀', empty: '' };
      const secrets = await open({ 'millrace/a': value, 'millrace/b': {} });
      for (const _ of [1, 2]) expect(await secrets.read('millrace/a')).toEqual(value);
      expect(await secrets.read('millrace/b')).toEqual({});
    });

    it.each(['millrace/none', 'constructor', 'millrace/A'])('has no secret %s', async (id) => {
      const secrets = await open({ 'millrace/a': { token: 't' } });
      await expect(secrets.read(id)).rejects.toThrow(SecretMissing);
      await expect(secrets.read(id)).rejects.toThrow(id);
    });
  });
};
