import { createRequire } from 'node:module';
import { DOMParser, type Node as DomNode } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { XmlLimitExceeded } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/xml/limits.ts';
import { expectLinear } from '../../fakes/linear-cost.ts';
import { rounds } from '../../rounds.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** Paths with `//` against a DOM with XPath: elements of one name lie in each other, and matches count in each that is around them. */

interface XPath {
  useNamespaces(namespaces: Readonly<Record<string, string>>): (path: string, from: DomNode) => unknown;
}

// Not imported: its declarations bring the browser's types, which change fetch and Blob in every file.
const xpath: XPath = createRequire(import.meta.url)('xpath');
const select = xpath.useNamespaces({ p: 'urn:p' });

const nodes = (path: string, from: DomNode): DomNode[] => {
  const found = select(path.replaceAll(/\*:(\w+)/g, "*[local-name()='$1']"), from);
  return Array.isArray(found) ? (found as DomNode[]) : [];
};

const json = (name: string, path: string) =>
  column(name, path, { many: 'json', trim: false, empty: 'keep', as: 'text', type: { kind: 'super' } });

const ROWS = [
  '//a',
  '/r//a',
  '//a//b',
  '//a/b',
  '/r/*//b',
  '//*:a',
  "//a[@x='1']",
  "//a[b='1']",
  '//a[2]',
  '//*',
];
const BELOW = [
  '@x',
  'b//c',
  'b//c/@x',
  'b//*',
  '*//*:a',
  '*//p:a',
  '*//a//b',
  "b//a[@x='1']",
  "a//c[b='1']",
  "*//b[c='1']//a",
  "a[b='1']//c",
  '*//a[2]',
  'b//c/text()',
  '*//b/name()',
  'b/c',
];

const textsOf = (path: string, from: DomNode): string | null => {
  const isName = path.endsWith('/name()');
  const texts = nodes(path.replace(/\/name\(\)$/, ''), from)
    .map((node) => (isName ? node.nodeName.replace(/^.*:/, '') : node.textContent) ?? '')
    .filter((text) => !path.endsWith('text()') || /[^ \t\r\n]/.test(text));
  return texts.length === 0 ? null : JSON.stringify(texts);
};

const tree: fc.Arbitrary<string> = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      fc.constantFrom('a', 'b', 'c', 'p:a', 'a', 'b'),
      fc.constantFrom('', ' x="1"', ' x="2"'),
      fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.constantFrom('', '1', '2'),
        fc.array(tie('element'), { minLength: 1, maxLength: 4 }).map((children) => children.join('')),
      ),
    )
    .map(([name, attributes, inner]) => `<${name}${attributes}>${inner}</${name}>`),
})).element;
const documents = fc
  .array(tree, { maxLength: 5 })
  .map((children) => `<r xmlns:p="urn:p">${children.join('')}</r>`);

const dom = (xml: string): DomNode => new DOMParser().parseFromString(xml, 'text/xml') as unknown as DomNode;

const namespaces = { p: 'urn:p' };

describe('a path with //', () => {
  test.each(ROWS)(
    'gives the rows and values that XPath gives, in its order, for rows of %s',
    async (rows) => {
      const contract = contractOf(
        [
          table(
            't',
            rows,
            BELOW.map((path, n) => json(`c${n}`, path)),
          ),
        ],
        { namespaces },
      );
      await fc.assert(
        fc.asyncProperty(documents, fc.integer({ min: 1, max: 64 }), async (xml, chunk) => {
          const { rows: found } = await parse(xml, contract, { chunk });
          const expected = nodes(rows, dom(xml)).map((row) => BELOW.map((path) => textsOf(path, row)));
          expect(found[0]).toEqual(expected);
        }),
        { numRuns: rounds(40) },
      );
    },
  );

  test('gives a child to the nearest row of its parent around it', async () => {
    const contract = contractOf(
      [
        table('a', '//a', [column('x', '@x')]),
        table(
          'b',
          '//a//b',
          [column('a', '', { source: { kind: 'parent', column: 'x' } }), column('x', '@x')],
          {
            parent: { table: 's.a', columns: [{ child: 'a', parent: 'x' }] },
          },
        ),
        table('c', '//a//b//c', [json('y', 'd//e')], { parent: { table: 's.b', columns: [] } }),
      ],
      { namespaces },
    );
    await fc.assert(
      fc.asyncProperty(documents, async (xml) => {
        const { rows, numbers } = await parse(xml, contract);
        const document = dom(xml);
        const all = nodes('//a', document);
        const expected = nodes('//a//b', document).map((b) => {
          const [nearest] = nodes('ancestor::a', b).slice(-1);
          return nearest === undefined ? 0 : all.indexOf(nearest) + 1;
        });
        expect(numbers[1]?.map(([, parent]) => parent)).toEqual(expected);
        expect(rows[2]?.length).toBe(nodes('//a//b//c', document).length);
      }),
      { numRuns: rounds(60) },
    );
  });

  test('goes on with the outer row after a row inside it', async () => {
    const contract = contractOf([table('g', '//g', [column('id', '@id'), column('name', 'name')])]);
    const xml = '<g id="1"><g id="2"><name>in</name></g><x><g id="3"/></x><name>out</name></g>';
    expect((await parse(xml, contract, { chunk: 1 })).rows).toEqual([
      [
        ['1', 'out'],
        ['2', 'in'],
        ['3', null],
      ],
    ]);
  });

  test('is refused where more matches are open at once than openMatches', async () => {
    const contract = contractOf([table('t', '//a', [json('c', '*//b//c')])]);
    const xml = `${'<a><b>'.repeat(60)}${'</b></a>'.repeat(60)}`;
    const limits: Limits = { ...DEFAULT_LIMITS, openMatches: 100 };
    await expect(parse(xml, contract, { limits })).rejects.toThrow(XmlLimitExceeded);
    await expect(parse(xml, contract, { limits })).rejects.toThrow('over openMatches, 100');
    await expect(parse(xml, contract)).resolves.toBeDefined();
  });
});

const times = (n: number, make: (at: number) => string): string =>
  Array.from({ length: n }, (_, at) => make(at)).join('');

describe('no path with // costs more than the size', () => {
  const nested = contractOf([
    table('t', '//a', [json('c', 'b//c'), json('d', "b//d[e='1']//f")]),
    table('u', '//a//b', [json('x', '@x')], { parent: { table: 's.t', columns: [] } }),
  ]);

  test('of nested matches', async () => {
    const deep = `${'<a><b>'.repeat(20)}<c/><d><e>1</e><f/></d>${'</b></a>'.repeat(20)}`;
    await expectLinear(10, (n) => () => parse(`<r>${deep.repeat(n)}</r>`, nested));
  });

  test('of levels that nothing maps', async () => {
    const limits: Limits = { ...DEFAULT_LIMITS, depth: Number.POSITIVE_INFINITY };
    await expectLinear(
      2500,
      (n) => () => parse(`<r>${'<x>'.repeat(n)}<a/>${'</x>'.repeat(n)}</r>`, nested, { limits }),
    );
  });

  test('of many paths', async () => {
    const xml = `<r>${times(50, (n) => `<a${n}><x><v>1</v></x></a${n}>`)}</r>`;
    await expectLinear(20, (n) => {
      const contract = contractOf(
        Array.from({ length: n }, (_, at) => table(`t${at}`, `//a${at}`, [json('v', 'x//v')])),
      );
      return () => parse(xml, contract);
    });
  });
});
