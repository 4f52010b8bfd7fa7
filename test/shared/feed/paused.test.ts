import { expect, test } from 'vitest';
import { hashDefinition } from '../../../shared/model/canonical.ts';
import { feedOf, TABLES } from '../../handlers/extract/world.ts';
import { edit, problemsOf, WORK_ITEMS } from './sample.ts';

test.each([
  ['true', []],
  ['false', []],
  ['soon', ["42:9: paused: got 'soon', allowed true or false"]],
])('paused: %s', (paused, expected) => {
  expect(problemsOf(edit(WORK_ITEMS, 'paused: false', `paused: ${paused}`))).toEqual(expected);
});

test('a feed that was held reads no batch anew', () => {
  const drops = (extra = '') => feedOf('drops', `source: { s3: {} }\n${extra}${TABLES}`);
  expect(drops('paused: true\n').paused).toBe(true);
  expect(drops('paused: false\n')).toEqual(drops());
  expect(hashDefinition(drops('paused: true\n'), undefined)).toBe(hashDefinition(drops(), undefined));
});
