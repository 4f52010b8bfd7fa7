import { expect, test } from 'vitest';
import { readSecrets } from '../../../../infra/local/secrets/read-secrets.ts';

const none = (name: string) => ({ name, text: undefined });
const sources = (env?: string, file?: string, dataFile?: string) => ({
  env: { name: 'MILLRACE_SECRETS', text: env },
  file: { name: 's.json', text: file },
  dataFile: { name: '.millrace/secrets.json', text: dataFile },
});

test('takes a secret from the environment before the file before the data folder', () => {
  expect(
    readSecrets(sources('{"a":"env"}', '{"a":"file","b":{"token":"file"}}', '{"b":"data","c":"data"}')),
  ).toEqual({
    a: 'env',
    b: { token: 'file' },
    c: 'data',
  });
});

test('is empty without any source', () => {
  expect(readSecrets({ env: none('a'), file: none('b'), dataFile: none('c') })).toEqual({});
});

test.each([
  ['not JSON', sources('{"a":hunter2'), /MILLRACE_SECRETS are not JSON/],
  ['no object', sources(undefined, '["hunter2"]'), /s\.json/],
  ['a number for a secret', sources(undefined, undefined, '{"a":1}'), /secrets\.json.*see a$/],
])('names the source of %s and never a value', (_, given, reason) => {
  expect(() => readSecrets(given)).toThrow(reason);
  expect(() => readSecrets(given)).not.toThrow('hunter2');
});
