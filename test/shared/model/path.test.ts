import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidInput } from '../../../shared/errors.ts';
import type { NameTest, Path, PathEnd, Predicate, Step } from '../../../shared/model/path.ts';
import { PathError, parsePath, printPath } from '../../../shared/model/path.ts';
import { rounds } from '../../rounds.ts';

const local = fc.constantFrom('a', 'text', 'item-Id', '_x.1', 'état', 'Ω', '名前', '𐐀');
const qualified: fc.Arbitrary<NameTest> = fc.oneof(
  fc.record({ kind: fc.constant('name' as const), local }),
  fc.record({ kind: fc.constant('name' as const), prefix: local, local }),
  fc.record({ kind: fc.constant('anyNamespace' as const), local }),
);
const value = fc.oneof(
  fc.string().filter((text) => !text.includes("'")),
  fc.string().filter((text) => !text.includes('"')),
);
const predicate: fc.Arbitrary<Predicate> = fc.oneof(
  fc.record({ kind: fc.constant('position' as const), position: fc.integer({ min: 1 }) }),
  fc.record({ kind: fc.constantFrom('attribute' as const, 'child' as const), name: qualified, value }),
);
const step: fc.Arbitrary<Step> = fc.record({
  name: fc.oneof(qualified, fc.constant<NameTest>({ kind: 'any' })),
  predicates: fc.array(predicate, { maxLength: 2 }),
});
/** Steps of which some are at any depth; the first of a relative path never is. */
const steps = (first: 'mayBeDeep' | 'isDirect', minLength: number): fc.Arbitrary<Step[]> =>
  fc
    .array(fc.tuple(step, fc.boolean()), { minLength, maxLength: 4 })
    .map((all) =>
      all.map(([one, isDeep], index) =>
        isDeep && (index > 0 || first === 'mayBeDeep') ? { isDeep, ...one } : one,
      ),
    );
const end: fc.Arbitrary<PathEnd> = fc.oneof(
  fc.constant<PathEnd>({ kind: 'element' }),
  fc.constant<PathEnd>({ kind: 'text' }),
  fc.record({ kind: fc.constant('attribute' as const), name: qualified }),
);
const path: fc.Arbitrary<Omit<Path, 'text'>> = fc.oneof(
  fc.record({
    isAbsolute: fc.constant(true),
    ups: fc.constant(0),
    steps: steps('mayBeDeep', 1),
    end,
  }),
  fc.record({
    isAbsolute: fc.constant(false),
    ups: fc.integer({ min: 0, max: 3 }),
    steps: steps('isDirect', 0),
    end,
  }),
);

test('reads back every path that it prints', () => {
  fc.assert(
    fc.property(path, (expected) => {
      const text = printPath(expected);
      expect(parsePath(text)).toEqual({ text, ...expected });
    }),
  );
});

test('reads any text as a path or throws PathError with an offset in it', () => {
  const noise = fc.string({
    unit: fc.constantFrom('a', '/', '@', '[', ']', "'", '=', '1', '.', '*', ':', '(', ')', ' '),
  });
  fc.assert(
    fc.property(noise, (text) => {
      try {
        expect(parsePath(printPath(parsePath(text)))).toMatchObject({ isAbsolute: text.startsWith('/') });
      } catch (error) {
        if (!(error instanceof PathError)) throw error;
        expect(error).toBeInstanceOf(InvalidInput);
        expect(error.offset).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: rounds(1000) },
  );
});

test.each([
  ['.', { isAbsolute: false, ups: 0, steps: [], end: { kind: 'element' } }],
  ['../name()', { ups: 1, steps: [], end: { kind: 'name' } }],
  [
    "a[not( @x )][@y][@z!='v']",
    {
      steps: [
        {
          predicates: [
            { kind: 'noAttribute', name: { local: 'x' } },
            { kind: 'someAttribute', name: { local: 'y' } },
            { kind: 'otherAttribute', name: { local: 'z' }, value: 'v' },
          ],
        },
      ],
    },
  ],
  ['..', { isAbsolute: false, ups: 1, steps: [], end: { kind: 'element' } }],
  ['../../@v', { ups: 2, steps: [], end: { kind: 'attribute', name: { kind: 'name', local: 'v' } } }],
  ['text()', { steps: [], end: { kind: 'text' } }],
  ['text', { steps: [{ name: { kind: 'name', local: 'text' }, predicates: [] }], end: { kind: 'element' } }],
  [
    `a[ @x = "it's" ][2]/*`,
    {
      steps: [
        {
          name: { kind: 'name', local: 'a' },
          predicates: [
            { kind: 'attribute', name: { kind: 'name', local: 'x' }, value: "it's" },
            { kind: 'position', position: 2 },
          ],
        },
        { name: { kind: 'any' }, predicates: [] },
      ],
    },
  ],
])('reads %s', (text, expected) => {
  expect(parsePath(text)).toMatchObject(expected);
});

test.each([
  ['', 0, 'a name'],
  ['/', 1, 'a name'],
  ['/@x', 1, 'a name'],
  ['a///b', 3, 'a name'],
  ['a//@x', 3, 'a name'],
  ['a//text()', 7, 'no function but text()'],
  ['.//x', 0, "a step before '//'"],
  ['..//x', 3, 'a step between'],
  ['//', 2, 'a name'],
  ['a/', 2, 'a name'],
  ['a/../b', 2, "'..' at the start"],
  ['child::a', 5, 'no axis'],
  ['count(a)', 5, 'no function but text() and name()'],
  ['a[last()]', 6, "[name='value']"],
  ['a[0]', 2, 'a position from 1 on'],
  ["a[@x='v]", 8, "the closing '"],
  ['a | b', 1, "the path's end"],
  ["a[b!='v']", 3, '[not(@name)]'],
  ['a[not(b)]', 6, 'for attributes alone'],
  ['a/name()/b', 8, "the path's end"],
  ['@*', 2, "':' and a name"],
  ['@x/y', 2, "the path's end"],
])('refuses %j at offset %i and says what is allowed', (text, offset, allowed) => {
  const read = () => parsePath(text);
  expect(read).toThrow(allowed);
  expect(read).toThrow(expect.objectContaining({ offset, name: 'InvalidInput' }));
});
