import { createRequire } from 'node:module';
import { DOMParser, type Node as DomNode } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rounds } from '../../rounds.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** Rows that a DOM with XPath gives are what the stream gives: over fixtures and over generated documents. */

const NAMESPACES = { default: 'urn:d', p: 'urn:p' };

/** Prefixes of the expressions as XPath wants them: it has no default namespace. */
const toXPath = (path: string): string =>
  path
    .replaceAll(/(?<![\w@:'*.-])([a-z]\w*)(?![\w:(']|\s*\()/g, 'd:$1')
    .replaceAll(/(@?)\*:(\w+)/g, "$1*[local-name()='$2']");

interface XPath {
  useNamespaces(namespaces: Readonly<Record<string, string>>): (path: string, from: DomNode) => unknown;
}

// Not imported: its declarations bring the browser's types, which change fetch and Blob in every file.
const xpath: XPath = createRequire(import.meta.url)('xpath');
const select = xpath.useNamespaces({ d: 'urn:d', p: 'urn:p' });

const nodes = (path: string, from: DomNode): DomNode[] => {
  const found = select(toXPath(path), from);
  return Array.isArray(found) ? (found as DomNode[]) : [];
};

const localName = (node: DomNode): string => node.nodeName.replace(/^.*:/, '');

/** A column's value by the DOM: JSON of the texts of all matches. */
const textsOf = (path: string, from: DomNode): string | null => {
  const isName = path.endsWith('name()');
  const found = nodes(path.replace(/(^|\/)name\(\)$/, '$1.'), from)
    .map((node) => (isName ? localName(node) : node.textContent) ?? '')
    // What a path of text() alone leaves out: white space that lays the document out.
    .filter((text) => !path.endsWith('text()') || /[^ \t\r\n]/.test(text));
  return found.length === 0 ? null : JSON.stringify(found);
};

const RECORD_PATHS = [
  'a',
  'b',
  'a/b',
  'a/@x',
  '@x',
  '@p:x',
  '@*:x',
  'p:a',
  '*:a',
  '*/b',
  'a[1]',
  'a[2]',
  "a[@x='1']",
  "a[@x='1'][2]",
  "a[2][@x='1']",
  "c[b='1']/a",
  "c[b='1'][2]/a",
  "c[b='2']/@x",
  "c[*:a='1']/b",
  "*[b='1']/a",
  'c/a[1]',
  'c[1]/a',
  "c[2]/a[@p:x='1']",
  'c/c/a',
  'a/text()',
  '../@x',
  '../@p:x',
  '../../@x',
  'c/*/b',
  "c[a='1']/c[b='1']/a",
  'a[@x]',
  'a[not(@x)]',
  "a[@x!='1']",
  "a[@*:x!='1'][1]",
  "c[not(@x)][b='1']/a",
  'name()',
  '../name()',
  'c/*/name()',
  "*[b='1']/name()",
];

const CHILD_PATHS = [
  'name()',
  '../../name()',
  'a',
  '@x',
  '../a',
  '../@x',
  '../../@x',
  "../c[b='1']/a",
  'c/a',
  '../p:a',
  '.',
];

/** Paths of element values take leaves only, so that no value is rejected for its child elements. */
const json = (name: string, path: string) =>
  column(name, path, {
    many: 'json',
    trim: false,
    empty: 'keep',
    onError: 'setNull',
    type: { kind: 'varchar', length: 65_535 },
  });

const CONTRACT = contractOf(
  [
    table(
      'r',
      '/root/g/r',
      [...RECORD_PATHS, '/root/@x', '/*/@p:x', '/root/head'].map((path, n) => json(`c${n}`, path)),
    ),
    table(
      'k',
      '/root/g/r/c',
      CHILD_PATHS.map((path, n) => json(`c${n}`, path)),
      {
        parent: { table: 's.r', columns: [] },
      },
    ),
    table('x', "/root/g[2]/r[@x='1']/p:a[@x='1']", [json('c0', '@x'), json('c1', '../@x')]),
    table('y', "/root/g/c[b='1'][2]", [json('c0', 'a'), json('c1', '../@x')]),
  ],
  { namespaces: NAMESPACES },
);

/** Whether all that a path gives is text alone; otherwise the stream refuses the value, as it should. */
const isLeafOnly = (path: string, from: DomNode): boolean =>
  path.endsWith('name()') ||
  nodes(path, from).every((node) => node.nodeType !== 1 || nodes('*', node).length === 0);

/** The DOM makes nodes of their own of CDATA sections, which to XPath are text like other text. */
const withoutCdata = (xml: string): string =>
  xml.replaceAll(/<!\[CDATA\[(.*?)\]\]>/gs, (_, text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  );

const rowsByDom = (xml: string) => {
  const document = new DOMParser().parseFromString(withoutCdata(xml), 'text/xml') as unknown as DomNode;
  return CONTRACT.tables.map(({ rows, columns }) =>
    nodes(rows, document).map((row) =>
      columns.map(({ source }) => {
        const path = source.kind === 'path' ? source.path : '.';
        const from = path.startsWith('/') ? document : row;
        return isLeafOnly(path, from) ? textsOf(path, from) : null;
      }),
    ),
  );
};

const attribute = fc.constantFrom('', ' x="1"', ' x="2"', ' p:x="1"', ' x=\'a&amp;b\' p:x=""');
const leafText = fc.constantFrom('', '1', '2', 'x &lt; y', '<![CDATA[1]]>', '1<![CDATA[<&]]>é', '😀', ' 1 ');
const name = fc.constantFrom('a', 'b', 'c', 'p:a', 'q:a', 'z');
const leaf = fc
  .tuple(name, attribute, leafText)
  .map(([tag, attributes, text]) => element(tag, attributes, text));

const element = (tag: string, attributes: string, inner: string): string => {
  const declared = tag.startsWith('q:')
    ? ' xmlns:q="urn:p"'
    : tag === 'z'
      ? ' xmlns="urn:p" xmlns:a="urn:d"'
      : '';
  return inner === ''
    ? `<${tag}${declared}${attributes}/>`
    : `<${tag}${declared}${attributes}>${inner}</${tag}>`;
};

const tree = (depth: number): fc.Arbitrary<string> =>
  depth === 0
    ? leaf
    : fc.oneof(
        { weight: 2, arbitrary: leaf },
        {
          weight: 1,
          arbitrary: fc
            .tuple(name, attribute, fc.array(tree(depth - 1), { maxLength: 4 }))
            .map(([tag, attributes, children]) => element(tag, attributes, children.join('\n '))),
        },
      );

const record = fc
  .tuple(fc.constantFrom('r', 'r', 'r', 'c', 'a'), attribute, fc.array(tree(2), { maxLength: 6 }))
  .map(([tag, attributes, children]) => element(tag, attributes, children.join('')));
const group = fc
  .tuple(attribute, fc.array(record, { maxLength: 4 }))
  .map(([attributes, records]) => element('g', attributes, records.join('\n')));
const documents = fc
  .tuple(attribute, leafText, fc.array(group, { maxLength: 3 }))
  .map(
    ([a, head, groups]) =>
      `<root xmlns="urn:d" xmlns:p="urn:p"${a}><head>${head}</head>${groups.join('')}</root>`,
  );

/** Numbers of the children of each record by the DOM, in document order: those of nested tables start anew in each parent. */
const ORDINALS = contractOf(
  [
    table('r', '/root/g/r', [column('x', '@x')]),
    ...[
      ['c', '/root/g/r/c', 's.r'],
      ['a', '/root/g/r/c/a', 's.c'],
    ].map(([name = '', rows = '', parent = '']) =>
      table(name, rows, [column('n', '', { source: { kind: 'ordinal' }, type: { kind: 'integer' } })], {
        parent: { table: parent, columns: [] },
      }),
    ),
  ],
  { namespaces: NAMESPACES },
);

const ordinalsByDom = (xml: string) => {
  const document = new DOMParser().parseFromString(xml, 'text/xml') as unknown as DomNode;
  const numbered = (found: DomNode[]) => found.map((_, index) => [String(index + 1)]);
  const children = nodes('/root/g/r', document).map((row) => nodes('c', row));
  return [children.flatMap(numbered), children.flat().flatMap((child) => numbered(nodes('a', child)))];
};

describe('the stream', () => {
  test('numbers the children of each parent apart', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (xml) => {
        const [, ...children] = (await parse(xml, ORDINALS)).rows;
        expect(children).toEqual(ordinalsByDom(xml));
      }),
      { numRuns: rounds(60) },
    );
  });

  test('gives the rows that a DOM with XPath gives, over generated documents', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 64 }), async (xml, chunk) => {
        const { rows } = await parse(xml, CONTRACT, { chunk });
        expect(rows).toEqual(rowsByDom(xml));
      }),
      { numRuns: rounds(120) },
    );
  });

  test('gives them over a document with every feature', async () => {
    const xml = `<root xmlns="urn:d" xmlns:p="urn:p" x="1" p:x="e"><head>h &amp; h</head>
      <g x="g1" p:x="g2"><r x="1"><a x="1">1</a><a x="1">2</a><p:a x="1">3</p:a><c x="k"><b>1</b><a>4</a><c><b>1</b><a>1</a></c></c><c><b>1</b><a>5</a></c></r></g>
      <g x="g3"><q:r xmlns:q="urn:d"><q:a>1</q:a><z xmlns="urn:p"><a>6</a></z></q:r></g></root>`;
    expect((await parse(xml, CONTRACT, { chunk: 3 })).rows).toEqual(rowsByDom(xml));
  });
});
