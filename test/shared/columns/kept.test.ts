import { expect, test } from 'vitest';
import { resolveFeeds } from '../../../shared/feed/resolve-feeds.ts';
import { ATOM, CONNECTIONS, WORK_ITEMS } from '../feed/sample.ts';

// Records of released versions hold these hashes: an option that is not written leaves the contract as it is.
test.each([
  ['work_items', WORK_ITEMS, 'e3be0fbd6af0aaf5'],
  ['entries', ATOM, '6aa077e49b806cc5'],
])('keeps the contract of %s', (name, text, hash) => {
  const { feeds } = resolveFeeds([{ name: `${name}.yaml`, text }], CONNECTIONS, undefined, {
    allowLoopback: false,
  });
  expect(Object.values(feeds).map(({ contract }) => contract.hash)).toEqual([hash]);
});
