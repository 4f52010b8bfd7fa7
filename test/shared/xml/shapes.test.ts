import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import type { DocumentOptions } from '../../../shared/xml/document.ts';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { rounds } from '../../rounds.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** Records that are read whole, by the shape of those before, are what saxes alone and the walk make of them. */

const text = (name: string, path = name, more = {}) =>
  column(name, path, { many: 'json', onError: 'setNull', trim: false, empty: 'keep', ...more });

const ITEMS = table('items', '/o/item', [
  text('a'),
  column('b', 'b', { type: { kind: 'integer' } }),
  text('late', "x[k='1']/v"),
  text('not', "x[k='2'][1]/v"),
  text('second', 'a[2]'),
  text('own', 'text()'),
  text('in_x', 'x/text()'),
  text('in_a', 'a/text()'),
  text('above', '../h'),
]);
const CHILDREN = table('children', '/o/item/x', [text('k'), text('v'), text('of', '../b')], {
  parent: { table: 's.items', columns: [] },
});
const CHILD_OF_SOME = { ...CHILDREN, rows: "/o/item[b='1']/x" };
const CONTRACTS: readonly Contract[] = [
  contractOf([ITEMS]),
  contractOf([ITEMS, CHILDREN]),
  contractOf([table('items', "/o/item[b='1']", [text('a'), text('v', 'x/v')]), CHILD_OF_SOME]),
  contractOf([
    table('items', '/o/item', [
      text('y', '@y'),
      text('ay', 'a/@y'),
      text('chosen', "x[@y='1']/v"),
      text('other', "x[not(@y='1')]/k"),
      text('both', "x[@y='1'][k='2']/v"),
      text('name', 'c/*/name()'),
      column('map', 'x', {
        type: { kind: 'super' },
        many: 'map',
        keyPath: 'k',
        valuePath: 'v',
        onError: 'setNull',
      }),
    ]),
    { ...CHILDREN, columns: [text('z', '@z'), text('up', '../@y'), text('kz', 'k/@z')] },
  ]),
  contractOf([table('items', "/o/item[@y='1']", [text('a'), text('y', '@y')])]),
  contractOf([
    table('items', '/o/item', [
      column('late', "x[k='1']/v", { type: { kind: 'integer' } }),
      column('all', 'a', { type: { kind: 'integer' } }),
      column('y', '@y', { type: { kind: 'integer' } }),
    ]),
  ]),
  contractOf([
    table('items', '/o/o/item', [text('a'), text('h', '../h')]),
    table('others', '/o/o/other', [text('b'), text('h', '../h')]),
  ]),
  contractOf([table('deep', '//item', [text('a'), text('any', './/v')])]),
  contractOf([
    table('items', '/o/item', [
      text('a'),
      text('name', 'x/*/name()'),
      column('x', 'x', { as: 'xml', many: 'first' }),
    ]),
  ]),
  contractOf([table('items', '/o/item[1]', [text('a')]), table('others', '/o/other', [text('b')])]),
  contractOf([table('children', '/o/item/x', [text('k'), text('up', '../a')])]),
  contractOf([
    table('items', '/o/*', [
      column('b', 'b', { type: { kind: 'decimal', precision: 4, scale: 1 } }),
      text('none'),
    ]),
  ]),
];

/** A record without its texts and attributes' values: those are its holes. */
type Part = string | typeof TEXT | typeof VALUE;
const TEXT = Symbol('text');
const VALUE = Symbol('value');

const TEXTS = [
  '1',
  '2',
  'x',
  'long enough to be a slice',
  'é',
  '😀',
  'a&amp;b',
  '&#32;',
  '',
  ' ',
  '\n',
  '\r\n',
  ' 1 ',
  '1\n2',
  ']',
  'x\ry',
  '>',
  '&e;',
];
const VALUES = ['1', '2', 'x', 'long enough to be a slice', 'é', 'a&quot;b', '', ' ', "it's", '>', '/>', ']'];
const SECTION: Part[] = ['<![CDATA[', TEXT, ']]>'];

const attributes = fc.constantFrom<Part[]>(
  [],
  [],
  [],
  [' y="', VALUE, '"'],
  [' y="1"'],
  [' z="', VALUE, '" y="', VALUE, '"'],
  ["\n y='2'"],
);
const layout = fc.constantFrom<Part[]>([], [], ['\n  '], ['\r\n'], [TEXT]);
const flat = (parts: readonly (readonly Part[])[]): Part[] => parts.flat();
const around = (names: string[], inner: fc.Arbitrary<Part[]>): fc.Arbitrary<Part[]> =>
  fc
    .tuple(fc.constantFrom(...names), attributes, inner)
    .map(([name, of, within]): Part[] => [`<${name}`, ...of, '>', ...within, `</${name}>`]);
const leaves = (...names: string[]): fc.Arbitrary<Part[]> =>
  fc.oneof(
    around(names, fc.constantFrom<Part[]>([TEXT], [TEXT], [TEXT], ['1'], [], SECTION, [' ', ...SECTION])),
    fc.tuple(fc.constantFrom(...names), attributes).map(([name, of]): Part[] => [`<${name}`, ...of, '/>']),
  );
const child = around(
  ['x', 'x', 'c'],
  fc.array(fc.tuple(layout, leaves('k', 'k', 'v', 'v', 'a')).map(flat), { maxLength: 4 }).map(flat),
);
const template = around(
  ['item', 'item', 'item', 'other'],
  fc
    .array(fc.tuple(layout, fc.oneof(leaves('a', 'b', 'b', 'item'), child, child)).map(flat), {
      maxLength: 5,
    })
    .map(flat),
);

/** The entity that texts name is declared in each; without a document type none names it. */
const DOCTYPES = [
  '',
  '',
  '',
  '<!DOCTYPE o [<!ENTITY e "1">]>',
  '<!DOCTYPE o SYSTEM "o.dtd" [<!ENTITY e "a&#38;amp;b"><!ELEMENT o ANY><!ATTLIST item y CDATA #REQUIRED>]>',
  '<!DOCTYPE o [<!ENTITY e "<a>in</a>"><!ENTITY lt "&#38;#60;">]>',
  '<!DOCTYPE o [<!ENTITY e "2"><!ATTLIST a y CDATA "2">]>',
];

/** A few templates, of which records come in any order, each with texts of its own. */
const documents = fc
  .tuple(
    fc.array(template, { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat({ max: 2 }), fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 6 })), {
      minLength: 6,
      maxLength: 30,
    }),
    fc.constantFrom('', '\n', '\r\n  ', '<!-- -->', '<z/>', '<h>2</h>', '</o><o>'),
    fc.constantFrom('', '<h>1</h>', '<o>'),
    fc.constantFrom(...DOCTYPES),
  )
  .map(([templates, records, between, head, doctype]) => {
    const written = records.map(([of, picks]) => {
      let next = 0;
      const pick = (all: readonly string[]): string =>
        all[(picks[next++ % picks.length] ?? 0) % all.length] ?? '';
      return (templates[of % templates.length] ?? [])
        .map((part) => (part === TEXT ? pick(TEXTS) : part === VALUE ? pick(VALUES) : part))
        .join('');
    });
    const groups = Array.from({ length: 3 }, (_, n) => written.filter((__, at) => at % 3 === n));
    const body =
      between === '</o><o>'
        ? groups.map((group, n) => `<o><h>${n}</h>${group.join('')}</o>`).join('')
        : written.join(between);
    const xml = `<o>${head === '<o>' ? '<o></o>' : head}${body}</o>`;
    return doctype === '' ? xml.replaceAll('&e;', 'e') : `${doctype}${xml}`;
  });

type More = Partial<DocumentOptions> & { readonly chunk?: number; readonly writes?: boolean };

const outcomeOf = async (bytes: Uint8Array, contract: Contract, more: More) => {
  try {
    const { summary, ...parsed } = await parse(bytes, contract, { wanted: { h: '/o/h' }, ...more });
    const { held, hardRecords: _, shapedRecords, ...rest } = summary;
    const unmapped = held.unmapped();
    return {
      shaped: shapedRecords,
      told: { ...parsed, summary: rest, unmapped, candidates: held.candidates() },
    };
  } catch (error) {
    return { shaped: 0, told: { error: String(error) } };
  }
};

/** Gives how many records were read by a shape. */
const expectSame = async (bytes: Uint8Array, contract: Contract, more: More = {}): Promise<number> => {
  const alone = await outcomeOf(bytes, contract, { ...more, saxesAlone: true });
  const { shaped, told } = await outcomeOf(bytes, contract, more);
  expect(told).toEqual(alone.told);
  const written = await outcomeOf(bytes, contract, { ...more, writes: true });
  expect(written).toEqual({ shaped, told });
  return shaped;
};

/** The same with columns whose texts may be copied as they stand. */
const COPIED = CONTRACTS.map((one) => ({
  ...one,
  tables: one.tables.map((of) => ({
    ...of,
    columns: of.columns.map((column, n) =>
      column.many === 'json'
        ? {
            ...column,
            many: 'first' as const,
            ...(n % 2 === 0 ? { trim: true, empty: 'setNull' as const } : {}),
          }
        : column,
    ),
  })),
}));

const contract = fc.constantFrom(...CONTRACTS, ...COPIED);
const cut = fc.constantFrom<More>({}, {}, {}, { chunk: 50 }, { chunk: 17 });

describe('records read by the shapes of those before', () => {
  test('are the same, whatever is in their texts and wherever they are cut', async () => {
    let shaped = 0;
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(documents, contract, cut, async (xml, of, more) => {
        tried += 1;
        shaped += await expectSame(Buffer.from(xml), of, more);
      }),
      { numRuns: rounds(2400) },
    );
    expect(shaped).toBeGreaterThan(tried);
  });

  test('are the same where a byte is another', async () => {
    await fc.assert(
      fc.asyncProperty(
        documents,
        contract,
        fc.nat(),
        fc.constantFrom(...'<>/& ]x\n\u0001'),
        async (xml, of, at, byte) => {
          const bytes = Buffer.from(xml);
          bytes[at % bytes.length] = byte.charCodeAt(0);
          await expectSame(bytes, of);
        },
      ),
      { numRuns: rounds(1600) },
    );
  });

  test('are the same within small limits, and up to a number of records', async () => {
    const some = fc.record({
      recordSize: fc.integer({ min: 100, max: 600 }),
      textLength: fc.integer({ min: 2, max: 30 }),
      depth: fc.integer({ min: 2, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        documents,
        contract,
        some,
        fc.integer({ min: 1, max: 30 }),
        async (xml, of, limits, most) => {
          await expectSame(Buffer.from(xml), of, {
            limits: { ...DEFAULT_LIMITS, ...limits },
            mostRecords: most,
          });
        },
      ),
      { numRuns: rounds(1200) },
    );
  });

  const many = (count: number, of: (n: number) => string): string =>
    `<o>\n${Array.from({ length: count }, (_, n) => of(n)).join('\n')}\n</o>`;

  test('are nearly all of a document whose records are alike', async () => {
    const xml = many(
      500,
      (n) =>
        `  <item>\n    <a>word ${n}</a>\n    <b>${n}</b>\n    <x><k>${n % 3}</k><v>v${n}</v></x>\n  </item>`,
    );
    for (const of of CONTRACTS.slice(0, 3))
      expect(await expectSame(Buffer.from(xml), of)).toBeGreaterThan(480);
  });

  test.each([
    ['SYSTEM "o.dtd"', 'nearly all'],
    ['[<!ELEMENT o ANY><!ATTLIST item y CDATA #REQUIRED><!ENTITY e "1">]', 'nearly all'],
    ['[<!ATTLIST item y CDATA "1">]', 'none'],
    ['[<!ATTLIST item y NMTOKEN #IMPLIED>]', 'none'],
  ])('with a document type %s are %s', async (declared, shaped) => {
    const xml = `<!DOCTYPE o ${declared}>${many(500, (n) => `<item y=" ${n} "><a>word</a></item>`)}`;
    const of = contractOf([table('items', '/o/item', [text('a'), text('y', '@y')])]);
    const count = await expectSame(Buffer.from(xml), of);
    expect(count > 480 ? 'nearly all' : count === 0 ? 'none' : count).toBe(shaped);
  });

  test.each([
    ['<![CDATA[]]>', '<![CDATA[word]]>'],
    ['<![CDATA[ ]]>\n', '<![CDATA[word]]>\n'],
  ])('keep text nodes that were %j before', async (blank, words) => {
    const of = contractOf([table('items', '/o/item', [text('own', 'text()'), text('in_a', 'a/text()')])]);
    const body = (n: number): string => `<item><a>${n < 10 ? blank : words}</a></item>`;
    await expectSame(Buffer.from(many(20, body)), of);
  });

  test.each([60, 150, 300, 400])('are as large as all that reads a text of %d characters', async (length) => {
    const of = contractOf([
      table('items', '/o/item', [text('a'), text('in_a', 'a/text()'), text('any', '*')]),
    ]);
    const xml = many(20, (n) => `<item><a>${'x'.repeat(n < 15 ? 3 : length)}</a></item>`);
    await expectSame(Buffer.from(xml), of, { limits: { ...DEFAULT_LIMITS, recordSize: 600 } });
  });

  test('read what stands around them, also where several kinds of them stand in many elements', async () => {
    const kinds = contractOf([
      table('items', '/r/o/item', [text('a'), text('h', '../h')]),
      table('others', '/r/o/other', [text('b'), text('h', '../h')]),
    ]);
    const orders = ['ioioio', 'iiiooo', 'oooiii', 'ioooo', 'oiiii'];
    const groups = orders.map((order, n) => {
      const records = [...order].map((kind, at) =>
        kind === 'i' ? `<item><a>${at}</a></item>` : `<other><b>${at}</b></other>`,
      );
      return `<o><h>${n}</h>${records.join('')}</o>`;
    });
    expect(await expectSame(Buffer.from(`<r>${groups.join('')}</r>`), kinds)).toBeGreaterThan(10);
  });

  test('are none where they declare a namespace, be it the one that is in scope', async () => {
    const columns = [
      column('q', 'p:q', { many: 'first' }),
      column('y', '@y', { many: 'first' }),
      column('z', 'a/@z'),
    ];
    const of = contractOf([table('items', '/o/item', columns)], { namespaces: { p: 'urn:p' } });
    const of4 = (n: number): string => (n % 4 === 3 ? 'urn:other' : 'urn:p');
    const xml = many(
      20,
      (n) =>
        `<item xmlns:p="urn:p" y="${n}"><p:q xmlns:p="${of4(n)}">${n}</p:q><a xmlns:p="urn:p" z="z${n}"/></item>`,
    ).replace('<o>', '<o xmlns:p="urn:p">');
    expect(await expectSame(Buffer.from(xml), of)).toBe(0);
  });

  test('tell the paths that match up to the value at fault, where each row is rejected', async () => {
    const integer = (name: string) => column(name, name, { type: { kind: 'integer' } });
    const of = contractOf([table('items', '/o/item', ['a', 'b', 'c', 'd'].map(integer))]);
    const xml = many(9, (n) => `<item><a>${n < 2 ? 'x' : n}</a><b>1</b><c>x</c><d>1</d></item>`);
    expect(await expectSame(Buffer.from(xml), of)).toBeGreaterThan(5);
  });

  test('are held to the bounds of the cursor', async () => {
    const at = column('at', 'at', { type: { kind: 'timestamptz' } });
    const child = table('parts', '/o/item/part', [text('k')], { parent: { table: 's.items', columns: [] } });
    const of = contractOf([table('items', '/o/item', [at, text('a')]), child], { cursor: 'at' });
    const xml = many(
      30,
      (n) => `<item><at>2024-01-01T00:00:${n + 10}Z</at><a>${n}</a><part><k>${n}</k></part></item>`,
    );
    const cursorBounds = { fromMs: Date.UTC(2024, 0, 1, 0, 0, 15), toMs: Date.UTC(2024, 0, 1, 0, 0, 30) };
    expect(await expectSame(Buffer.from(xml), of, { cursorBounds })).toBeGreaterThan(20);
  });

  test('are refused where they lie too deep, though others of their shape did not', async () => {
    const of = contractOf([table('items', '/o//s/item', [text('b', 'a/b')])]);
    const records = `<item>0</item>${'<item><a><b>1</b></a></item>'.repeat(4)}`;
    const nested = (levels: number): string => `<s>${records}${levels > 1 ? nested(levels - 1) : ''}</s>`;
    const xml = Buffer.from(`<o>${nested(8)}</o>`);
    for (let depth = 4; depth < 16; depth += 1)
      await expectSame(xml, of, { limits: { ...DEFAULT_LIMITS, depth } });
    expect(await expectSame(xml, of)).toBeGreaterThan(10);
  });

  test('are none where each record is of its own kind, at the cost of few that are remembered', async () => {
    const xml = many(3000, (n) => `<item><a${n}>${n}</a${n}></item>`);
    expect(await expectSame(Buffer.from(xml), CONTRACTS[0] ?? contractOf([]))).toBe(0);
  });
});
