import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { askYes } from '../../../infra/cli/ask-yes.ts';
import { fakeIo } from './fake-io.ts';

const ask = (typed: string, isTTY: boolean) => {
  const io = fakeIo();
  const stdin = Object.assign(Readable.from([typed]), { isTTY });
  return askYes('Skip it?', { ...io, stdin });
};

test.each([
  ['y\n', true],
  ['Yes\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['', false],
])('%j on a terminal is %s', async (typed, answer) => {
  expect(await ask(typed, true)).toBe(answer);
});

test('nobody is asked where there is no terminal', async () => {
  await expect(ask('y\n', false)).rejects.toThrow('Skip it? There is no terminal to ask on: add --yes');
});
