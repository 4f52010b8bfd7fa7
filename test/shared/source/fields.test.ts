import { expect, test } from 'vitest';
import { fieldsOf } from '../../../shared/source/fields.ts';
import { column, contractOf, table } from '../xml/documents.ts';

test('asks for every alternative, and for what a map reads of its matches', () => {
  const map = { many: 'map', keyPath: 'key', valuePath: 'value/name', type: { kind: 'super' } } as const;
  const contract = contractOf([
    table('t', '/r/i', [column('a', 'x | y/name'), column('n', 'z/name()'), column('m', 'ext', map)]),
  ]);
  expect(fieldsOf(contract)).toBe('(x|y/name|z|ext/(key|value/name))');
});

test('takes a record at any depth, and no path of any depth below it', () => {
  expect(fieldsOf(contractOf([table('t', '//i', [column('a', 'x')])]))).toBe('(x)');
  expect(() => fieldsOf(contractOf([table('t', '/r/i', [column('a', 'x//y')])]))).toThrow('got //y');
});
