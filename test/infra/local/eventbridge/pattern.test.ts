import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern, matchesPattern } from '../../../../infra/local/eventbridge/pattern.ts';
import { rounds } from '../../../rounds.ts';

const created = {
  version: '0',
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: {
    bucket: { name: 'b' },
    object: { key: 'landing/items/a.xml.gz', size: 100, etag: null },
    tags: ['red', 'blue'],
    empty: '',
    none: [],
    ip: '10.0.0.7',
    ip6: '2001:DB8::7',
    large: 6e9,
    parts: [
      { n: 1, colour: 'red' },
      { n: 2, colour: 'blue' },
    ],
  },
};

const inKey = (...alternatives: unknown[]) => ({ detail: { object: { key: alternatives } } });
const inSize = (...alternatives: unknown[]) => ({ detail: { object: { size: alternatives } } });

test.each<[string, object, boolean]>([
  ['a value', { source: ['aws.s3'] }, true],
  ['another value', { source: ['aws.ec2'] }, false],
  ['one of several values', { source: ['aws.ec2', 'aws.s3'] }, true],
  ['all fields', { source: ['aws.s3'], detail: { bucket: { name: ['b'] } } }, true],
  ['all fields but one', { source: ['aws.s3'], detail: { bucket: { name: ['c'] } } }, false],
  ['a field that is absent', { detail: { object: { colour: ['red'] } } }, false],
  ['a prefix', inKey({ prefix: 'landing/' }), true],
  ['another prefix', inKey({ prefix: 'batches/' }), false],
  ['a prefix in another case', inKey({ prefix: { 'equals-ignore-case': 'LANDING/' } }), true],
  ['a suffix', inKey({ suffix: '.gz' }), true],
  ['a suffix in another case', inKey({ suffix: { 'equals-ignore-case': '.GZ' } }), true],
  ['a wildcard', inKey({ wildcard: 'landing/*/*.gz' }), true],
  ['a wildcard that ends early', inKey({ wildcard: 'landing/*.xml' }), false],
  ['a wildcard with an escaped star', inKey({ wildcard: 'landing/\\*' }), false],
  ['an empty prefix', inKey({ prefix: '' }), true],
  ['an empty text in any case', { detail: { empty: [{ 'equals-ignore-case': '' }] } }, true],
  ['a wildcard of nothing', { detail: { empty: [{ wildcard: '' }] } }, true],
  ['an address in a block', { detail: { ip: [{ cidr: '10.0.0.0/24' }] } }, true],
  ['an address beside a block', { detail: { ip: [{ cidr: '10.0.1.0/24' }] } }, false],
  ['an address in a block of the other version', { detail: { ip: [{ cidr: 'fd00::/8' }] } }, false],
  ['an address of version 6 in a block', { detail: { ip6: [{ cidr: '2001:db8::/32' }] } }, true],
  ['a text that is no address', inKey({ cidr: '0.0.0.0/0' }), false],
  ['a number beyond what is compared', { detail: { large: [{ numeric: ['>', 0] }] } }, false],
  ['a number beyond it exactly', { detail: { large: [6e9] } }, true],
  ['any case', inKey({ 'equals-ignore-case': 'LANDING/items/A.xml.gz' }), true],
  ['anything but others', inKey({ 'anything-but': ['x', 'y'] }), true],
  ['anything but itself', inSize({ 'anything-but': 100 }), false],
  ['anything but its prefix', inKey({ 'anything-but': { prefix: 'landing/' } }), false],
  ['anything but some suffixes', inKey({ 'anything-but': { suffix: ['.zip', '.gz'] } }), false],
  ['anything but a wildcard', inKey({ 'anything-but': { wildcard: '*.zip' } }), true],
  ['anything but, of an absent field', { detail: { absent: [{ 'anything-but': 'x' }] } }, false],
  ['anything but one element of an array', { detail: { tags: [{ 'anything-but': 'red' }] } }, true],
  ['a number in a range', inSize({ numeric: ['>', 0, '<=', 100] }), true],
  ['a number at an open end', inSize({ numeric: ['>', 0, '<', 100] }), false],
  ['a number of text', inKey({ numeric: ['>', 0] }), false],
  ['a field that exists', inSize({ exists: true }), true],
  ['a field that exists, of an object', { detail: { object: [{ exists: true }] } }, false],
  ['a field that does not exist', inSize({ exists: false }), false],
  ['no field where none is', { detail: { absent: { deeper: [{ exists: false }] } } }, true],
  ['an array without elements as absent', { detail: { none: [{ exists: false }] } }, true],
  ['null', { detail: { object: { etag: [null] } } }, true],
  ['null as existing', { detail: { object: { etag: [{ exists: true }] } } }, true],
  ['null of an empty string', { detail: { empty: [null] } }, false],
  ['null of an absent field', { detail: { absent: [null] } }, false],
  ['an empty string', { detail: { empty: [''] } }, true],
  ['one element of an array', { detail: { tags: ['blue', 'green'] } }, true],
  ['no element of an array', { detail: { tags: ['green'] } }, false],
  ['one element with all fields', { detail: { parts: { n: [2], colour: ['blue'] } } }, true],
  ['fields of several elements', { detail: { parts: { n: [1], colour: ['blue'] } } }, false],
  ['one alternative', { $or: [{ source: ['x'] }, { detail: { tags: ['red'] } }] }, true],
  ['no alternative', { detail: { $or: [{ tags: ['x'] }, { empty: ['x'] }] } }, false],
  [
    'an alternative without the rest',
    { source: ['x'], $or: [{ version: ['0'] }, { version: ['1'] }] },
    false,
  ],
])('matches %s as EventBridge does', (_, pattern, isMatch) => {
  expect(matchesPattern(pattern, created)).toBe(isMatch);
});

test.each<[unknown, string]>([
  [inKey({ cidr: '10.0.0.0' }), 'cidr'],
  [inKey({ cidr: '10.0.0.0/32' }), 'cidr'],
  [inKey({ cidr: 'fd00::/128' }), 'cidr'],
  [inKey({ cidr: '10.0.0.256/8' }), 'cidr'],
  [inKey({ regex: '.*' }), 'regex'],
  [inKey({ prefix: 'a', suffix: 'b' }), 'one operator'],
  [inKey({ prefix: 7 }), 'prefix'],
  [inKey({ prefix: { suffix: 'a' } }), 'prefix'],
  [inKey({ wildcard: 'a**b' }), '**'],
  [inKey({ wildcard: 'a\\b' }), 'lone'],
  [inKey({ exists: 'yes' }), 'exists'],
  [inKey({ 'anything-but': { numeric: ['>', 1] } }), 'numeric'],
  [inKey({ 'anything-but': [null] }), 'anything-but'],
  [inSize({ numeric: ['~', 1] }), 'numeric'],
  [inSize({ numeric: [] }), 'numeric'],
  [inSize({ numeric: ['>'] }), 'numeric'],
  [inSize({ numeric: ['>', '1'] }), 'numeric'],
  [inSize({ numeric: ['<', 10, '>', 5] }), 'the lower end first'],
  [inSize({ numeric: ['>', 5, '>', 6] }), 'the lower end first'],
  [inSize({ numeric: ['=', 5, '<', 6] }), 'the lower end first'],
  [inSize({ numeric: ['>', 1, '<', 5, '<', 7] }), 'the lower end first'],
  [inSize({ numeric: ['>', 5, '<', 3] }), 'below the upper'],
  [inSize({ numeric: ['>=', 5, '<=', 5] }), 'below the upper'],
  [inSize({ numeric: ['<', 5_000_000_001] }), '5e9'],
  [inSize({ numeric: ['>', -5_000_000_001] }), '5e9'],
  [inSize({ numeric: ['=', 0.1234567] }), '6 digits'],
  [inSize({ 'anything-but': 6e9 }), '5e9'],
  [inSize({ 'anything-but': [1, 'a'] }), 'not both'],
  [inKey({ 'anything-but': { prefix: '' } }), 'empty prefix'],
  [inKey({ 'anything-but': { suffix: ['a', ''] } }), 'empty suffix'],
  [{ $or: [{ prefix: ['x'] }, { source: ['x'] }] }, 'reserved inside $or'],
  [{ $or: [{ source: ['x'] }, { detail: { 'date-after': ['x'] } }] }, 'reserved inside $or'],
  [{ detail: { $or: { a: ['x'] } } }, '$or'],
  [{ $or: [['x'], ['y']] }, '$or'],
  [{ source: [] }, 'empty'],
  [{ source: 'aws.s3' }, '$.source'],
  [{ detail: {} }, '$.detail'],
  [{ $or: [{ source: ['x'] }] }, '$or'],
  [{ source: ['x'.repeat(2048)] }, '2048'],
])('refuses the pattern %j when it is loaded', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const name = fc.string({ minLength: 1 }).filter((text) => text !== '$or');
const flatEvent = fc.dictionary(name, scalar, { minKeys: 1, maxKeys: 6 });

test('matches any choice of the fields of an event, alone and inside detail', () => {
  fc.assert(
    fc.property(flatEvent, fc.array(fc.nat()), scalar, (event, picks, other) => {
      const names = Object.keys(event);
      const chosen = new Set([0, ...picks].map((pick) => names[pick % names.length] ?? ''));
      const pattern = Object.fromEntries([...chosen].map((field) => [field, [other, event[field]]]));
      expect(matchesPattern(pattern, event)).toBe(true);
      expect(matchesPattern({ detail: pattern }, { detail: event })).toBe(true);
    }),
  );
});

const listed = fc.oneof(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.integer(), { minLength: 1 }));

test('takes anything-but as the complement of equals, where the field is there', () => {
  fc.assert(
    fc.property(scalar, listed, (value, list) => {
      expect(matchesPattern({ f: [{ 'anything-but': list }] }, { f: value })).toBe(
        !matchesPattern({ f: list }, { f: value }),
      );
    }),
  );
});

test('takes $or as a disjunction', () => {
  const pattern = fc.dictionary(fc.constantFrom('a', 'b'), fc.array(fc.boolean(), { minLength: 1 }), {
    minKeys: 1,
  });
  const event = fc.dictionary(fc.constantFrom('a', 'b'), fc.boolean());
  fc.assert(
    fc.property(pattern, pattern, event, (one, other, e) => {
      expect(matchesPattern({ $or: [one, other] }, e)).toBe(
        matchesPattern(one, e) || matchesPattern(other, e),
      );
    }),
  );
});

test('takes exactly one of exists true and exists false for any value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const matches = (exists: boolean) => matchesPattern({ f: [{ exists }] }, { f: value });
      expect(matches(true)).toBe(!matches(false));
    }),
  );
});

/** Whether a text fits a wildcard, by trying every split. */
const fits = (text: string, wildcard: string): boolean => {
  if (wildcard === '') return text === '';
  if (wildcard[0] !== '*') return text[0] === wildcard[0] && fits(text.slice(1), wildcard.slice(1));
  return Array.from({ length: text.length + 1 }, (_, i) => text.slice(i)).some((rest) =>
    fits(rest, wildcard.slice(1)),
  );
};

test('matches wildcards as trying every split does', () => {
  const letters = (...all: string[]) =>
    fc.array(fc.constantFrom(...all), { maxLength: 6 }).map((l) => l.join(''));
  const wildcard = letters('a', 'b', '.', '*').filter((w) => w !== '' && !w.includes('**'));
  fc.assert(
    fc.property(letters('a', 'b', '.', '\n'), wildcard, (text, w) => {
      expect(matchesPattern({ f: [{ wildcard: w }] }, { f: text })).toBe(fits(text, w));
    }),
    { numRuns: rounds(500) },
  );
});

test('compares numbers as arithmetic does', () => {
  const number = fc.integer({ min: -5_000_000_000, max: 5_000_000_000 }).map((n) => n / 1000);
  fc.assert(
    fc.property(number, number, number, (value, low, high) => {
      fc.pre(low < high);
      expect(matchesPattern({ f: [{ numeric: ['>=', low, '<', high] }] }, { f: value })).toBe(
        value >= low && value < high,
      );
    }),
  );
});
