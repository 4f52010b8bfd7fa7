import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InvalidInput, XmlLimitExceeded, XmlMalformed } from '../../../shared/errors.ts';
import { parsePath } from '../../../shared/model/path.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/xml/limits.ts';
import { expectLinear } from '../../fakes/linear-cost.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** Documents and paths made to cost more than their size: twice as much of each costs no more than twice as much, without any help of the limits. */

const CONTRACT = contractOf([
  table('r', '/r/i', [
    column('n', 'n', { type: { kind: 'integer' } }),
    column('d', 'd', { type: { kind: 'decimal', precision: 18, scale: 2 } }),
    column('t', 't', { type: { kind: 'timestamptz' } }),
    column('a', 'a'),
    column('b', '@b'),
    column('m', 'm', { as: 'xml', type: { kind: 'super' } }),
    column('o', 'o', { as: 'json', type: { kind: 'super' } }),
    column('f', "j[k='x']/@y"),
  ]),
]);

/** A limit would end the work before it can be measured. */
const ENDLESS: Limits = {
  ...DEFAULT_LIMITS,
  dtdLength: Number.POSITIVE_INFINITY,
  entityExpansion: Number.POSITIVE_INFINITY,
  textLength: Number.POSITIVE_INFINITY,
  nameLength: Number.POSITIVE_INFINITY,
  attributeCount: Number.POSITIVE_INFINITY,
  namespaceCount: Number.POSITIVE_INFINITY,
  depth: Number.POSITIVE_INFINITY,
  recordSize: Number.POSITIVE_INFINITY,
};

const times = (n: number, make: (at: number) => string): string =>
  Array.from({ length: n }, (_, at) => make(at)).join('');
const item = (inside: string): string => `<r><i>${inside}</i></r>`;
const dtd = (declarations: string, after = '<r/>'): string => `<!DOCTYPE r [${declarations}]>${after}`;

const DOCUMENTS: readonly (readonly [string, number, (n: number) => string])[] = [
  [
    'digits of a number and of a time',
    50_000,
    (n) =>
      item(`<n>${'0'.repeat(n)}x</n><d>0.${'0'.repeat(n)}1</d><t>2024-01-01T00:00:00.${'0'.repeat(n)}Zx</t>`),
  ],
  ['references in a text', 15_000, (n) => item(`<a>${'&lt;'.repeat(n)}</a>`)],
  ['references between letters', 15_000, (n) => item(`<a>${'&amp;x'.repeat(n)}</a>`)],
  ['references in an attribute', 15_000, (n) => `<r><i b="${'&lt;x'.repeat(n)}"/></r>`],
  [
    'references to an entity of nothing',
    7500,
    (n) => dtd('<!ENTITY e "">', item(`<a>${'&e;'.repeat(n)}</a>`)),
  ],
  [
    'references to entities that nest',
    1500,
    (n) =>
      dtd(
        `<!ENTITY e "x">${times(12, (at) => `<!ENTITY e${at} "${at === 0 ? '&e;' : `&e${at - 1};`}">`)}`,
        item(`<a>${'&e11;'.repeat(n)}</a>`),
      ),
  ],
  ['lines in a text', 15_000, (n) => item(`<a>${'a\r\n'.repeat(n)}</a>`)],
  ['a text that nobody reads', 50_000, (n) => `<r><x>${'a '.repeat(n)}</x></r>`],
  ['spaces around the root', 50_000, (n) => `${' '.repeat(n)}<r/>${' '.repeat(n)}`],
  ['blanks in a declaration', 25_000, (n) => dtd(`<!ELEMENT r (${' '.repeat(n)}x>`)],
  ['brackets in a declaration', 12_500, (n) => dtd(`<!ELEMENT r ${'('.repeat(n)}a${')'.repeat(n)}>`)],
  ['declared entities', 2500, (n) => dtd(times(n, (at) => `<!ENTITY e${at} "abcdefghijkl">`))],
  [
    'declared attributes',
    1250,
    (n) =>
      dtd(
        times(n, (at) => `<!ATTLIST i a${at} CDATA #IMPLIED>`),
        item('<a/>'),
      ),
  ],
  [
    'attributes by default',
    250,
    (n) =>
      dtd(
        times(20, (at) => `<!ATTLIST x a${at} CDATA "v">`),
        `<r>${'<x/>'.repeat(n)}</r>`,
      ),
  ],
  ['a long comment', 50_000, (n) => `<r><!--${'- '.repeat(n)}--></r>`],
  ['sections', 5000, (n) => item(`<a>${'<![CDATA[]]]]>'.repeat(n)}</a>`)],
  ['attributes of a tag', 1250, (n) => `<r><i ${times(n, (at) => ` a${at}="v"`)}/></r>`],
  ['names that come but once', 1250, (n) => `<r>${times(n, (at) => `<x${at} y${at}="v"/>`)}</r>`],
  ['elements in an element', 2500, (n) => `<r>${'<x>'.repeat(n)}${'</x>'.repeat(n)}</r>`],
  [
    'elements in a compared element',
    2500,
    (n) => item(`<j><k>${'<x>y'.repeat(n)}${'</x>'.repeat(n)}</k></j>`),
  ],
  ['bindings of one tag', 1250, (n) => `<r ${times(n, (at) => ` xmlns:p${at}="u${at}"`)}/>`],
  ['bindings that come but once', 500, (n) => `<r>${times(n, (at) => `<x xmlns:p${at}="u"/>`)}</r>`],
  [
    'prefixes that are used once',
    800,
    (n) => `<r ${times(n, (at) => ` xmlns:p${at}="u"`)}>${times(n, (at) => `<p${at}:x p${at}:y=""/>`)}</r>`,
  ],
  ['elements of one name in JSON', 2500, (n) => item(`<o>${'<x y="1">z</x>'.repeat(n)}</o>`)],
  [
    'elements and attributes of many names in JSON',
    1250,
    (n) => item(`<o>${times(n, (at) => `<x${at} a${at}="v"/>t`)}</o>`),
  ],
  ['elements within each other in JSON', 2500, (n) => item(`<o>${'<x>y'.repeat(n)}${'</x>'.repeat(n)}</o>`)],
  ['rows', 750, (n) => `<r>${'<i b="1"><a>x</a></i>'.repeat(n)}</r>`],
];

/** Whether a document is read or refused, it may not cost more than its size. */
const attempt = (document: string, limits: Limits): (() => Promise<void>) => {
  const xml = Buffer.from(document);
  return async () => {
    try {
      await parse(xml, CONTRACT, { limits, chunk: 16 * 1024 });
    } catch (error) {
      if (!(error instanceof XmlLimitExceeded || error instanceof XmlMalformed)) throw error;
    }
  };
};

describe('no document costs more than its size', () => {
  test.each(DOCUMENTS)('for %s', async (_, size, make) => {
    await expectLinear(size, (n) => attempt(make(n), ENDLESS));
  });

  test('for namespaces at each level', async () => {
    // The size grows with the square of the levels.
    const make = (bindings: number): string =>
      `<r>${times(20, (depth) => `<x${times(bindings, (at) => ` xmlns:p${depth}_${at}="u"`)}>`)}${'</x>'.repeat(20)}</r>`;
    await expectLinear(50, (n) => attempt(make(n), ENDLESS));
  });

  test('for levels of references, of which each has ten of the one below', async () => {
    for (const text of ['', 'x']) {
      const make = (levels: number): string =>
        dtd(
          `<!ENTITY e0 "${text}">${times(levels, (at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`)}`,
          item(`<a>&e${levels};</a>`),
        );
      await expect(parse(make(14), CONTRACT)).rejects.toThrow('over entityExpansion');
      await expectLinear(7, (n) => attempt(make(n), DEFAULT_LIMITS));
    }
  });

  test('once it is unpacked', async () => {
    const bomb = gzipSync(Buffer.from(item(`<a>${' '.repeat(2 ** 24)}</a>`)));
    const limits = { ...DEFAULT_LIMITS, compressionRatio: 100, compressionFree: 2 ** 20 };
    await expect(parse(bomb, CONTRACT, { limits })).rejects.toThrow('over compressionRatio, 100 times');
  });
});

const readOrRefuse = (path: string): void => {
  try {
    parsePath(path);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
  }
};

describe('no path costs more than its size', () => {
  test.each([
    ['steps', 'a/'],
    ['predicates', "[a='b']"],
    ['brackets', '['],
    ['parents', '../'],
    ['blanks', ' '],
    ['quotation marks', "'"],
    ['any depth', '//a'],
    ['names', 'a'],
    ['colons', 'a:'],
  ])('of %s', async (_, part) => {
    await expectLinear(1000, (n) => {
      const path = `/a${part.repeat(n / part.length)}`;
      return () => readOrRefuse(path);
    });
  });
});

test('what costs the square of its size is found', async () => {
  // Arithmetic alone: what allocates pays for the collector too, as it comes.
  const square = (n: number) => (): number => {
    let sum = 0;
    for (let row = 0; row < n; row += 1) {
      for (let column = 0; column < n; column += 1) sum = (31 * sum + column) | 0;
    }
    return sum;
  };
  await expect(expectLinear(500, square)).rejects.toThrow('8 times the size');
});
