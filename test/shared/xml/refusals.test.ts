import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseDocument } from '../../../shared/xml/document.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/xml/limits.ts';
import { column, contractOf, parse, passingChunksOf, table } from './documents.ts';

const ITEMS = contractOf([
  table('item', '/items/item', [
    column('id', '@id'),
    column('name', 'name', { trim: false }),
    column('at', '/items/@at'),
  ]),
]);
const XML = '<items at="1"><item id="a"><name>é😀 &amp; <![CDATA[<x>]]></name></item><item id="b"/></items>';
const ROWS = [
  ['a', 'é😀 & <x>', '1'],
  ['b', null, '1'],
];

const errorOf = async (xml: string | Uint8Array, more: Parameters<typeof parse>[2] = {}): Promise<string> => {
  try {
    await parse(xml, ITEMS, more);
    return 'read';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};
const limits = (more: Partial<Limits>) => ({ limits: { ...DEFAULT_LIMITS, ...more } });

describe('a document that is cut', () => {
  test('at any byte is never taken for a whole one', async () => {
    const bytes = Buffer.from(XML);
    for (let end = 0; end < bytes.length; end += 1) {
      expect(await errorOf(bytes.subarray(0, end)), `cut at ${end}`).toMatch(
        /^SourceTruncated: doc: the document (?:ends |is empty)/,
      );
    }
    expect(await errorOf(bytes)).toBe('read');
  });

  test('is told from a damaged one when it is compressed', async () => {
    for (const packed of [gzipSync(XML), zstdCompressSync(Buffer.from(XML))]) {
      expect((await parse(packed, ITEMS, { chunk: 1 })).rows[0]).toEqual(ROWS);
      for (let end = 5; end < packed.length; end += 1) {
        expect(await errorOf(packed.subarray(0, end)), `cut at ${end}`).not.toBe('read');
      }
    }
    const damaged = gzipSync(XML);
    damaged[12] = (damaged[12] ?? 0) ^ 0xff;
    expect(await errorOf(damaged)).toMatch(/^XmlMalformed: doc: the gzip stream is damaged|^SourceTruncated/);
  });

  test('by its source passes the source’s own error on', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* passingChunksOf(Buffer.from(XML.slice(0, 20)));
      throw new Error('socket hang up');
    }
    const sink = { row: () => undefined, reject: () => undefined, ready: () => undefined };
    const options = { contract: ITEMS, place: 'doc', rowNumbers: { base: 0, used: [0] } };
    await expect(parseDocument(broken(), options, sink)).rejects.toThrow('socket hang up');
  });
});

describe('encodings', () => {
  const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
  const declared = (name: string): string => `<?xml version="1.0" encoding="${name}"?>${XML}`;
  test.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${XML}`), undefined],
    ['UTF-16LE with a mark', Buffer.from(`\ufeff${declared('UTF-16')}`, 'utf16le'), undefined],
    ['UTF-16BE with a mark', big(`\ufeff${declared('UTF-16')}`), undefined],
    ['UTF-16LE without a mark', Buffer.from(declared('UTF-16LE'), 'utf16le'), undefined],
    ['UTF-16BE without a mark', big(declared('UTF-16BE')), undefined],
    ['UTF-8 by the header, whatever is declared', Buffer.from(declared('ISO-8859-1')), '"utf-8"'],
  ])('%s is read wherever it is cut', async (_, bytes, charset) => {
    for (const chunk of [1, 2, 3, 5]) {
      const of = charset === undefined ? {} : { charset };
      expect((await parse(bytes, ITEMS, { chunk, ...of })).rows[0]).toEqual(ROWS);
    }
  });

  test('single-byte encodings are read by the declaration or the header', async () => {
    const xml = (name: string, value: string) =>
      Buffer.from(
        `<?xml version='1.0' encoding='${name}'?><items><item><name>${value}</name></item></items>`,
        'latin1',
      );
    expect((await parse(xml('ISO-8859-1', 'é'), ITEMS, { chunk: 1 })).rows[0]?.[0]?.[1]).toBe('é');
    expect((await parse(xml('windows-1252', '\x80\x99é'), ITEMS, { chunk: 1 })).rows[0]?.[0]?.[1]).toBe(
      '€™é',
    );
    expect((await parse(xml('UTF-8', '\x80'), ITEMS, { charset: 'cp1252' })).rows[0]?.[0]?.[1]).toBe('€');
    expect(await errorOf(xml('windows-1252', '\x81'))).toMatch(
      /byte 0x81 at offset 64, in line 1, is not windows-1252/,
    );
    expect(await errorOf(xml('EBCDIC-CP-US', 'x'))).toMatch(
      /^XmlUnsupported: doc: encoding EBCDIC-CP-US, allowed UTF-8/,
    );
  });

  test('bytes that are not of the encoding are an error with their offset', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<items>\n<item id="é'),
      Buffer.from([0xff]),
      Buffer.from('"/></items>'),
    ]);
    for (const chunk of [1, 4, 100]) {
      expect(await errorOf(bytes, { chunk })).toBe(
        'XmlMalformed: doc: byte 0xff at offset 20, in line 2, is not UTF-8; a document in another encoding has to declare it',
      );
    }
    const lone = Buffer.from(`\ufeff<items><item id="\ud800"/></items>`, 'utf16le');
    expect(await errorOf(lone)).toMatch(/XmlMalformed: doc: byte .* at offset 36, in line 1, is not UTF-16/);
  });
});

describe('what is not XML, or not of the feed', () => {
  test.each([
    [
      '<items><item>a & b; c</item></items>',
      'XmlMalformed: doc: a bare & at line 1, column 16, allowed &amp; or a reference that ends in ;',
    ],
    [
      '<items><item>\na &\n b; c</item></items>',
      'XmlMalformed: doc: a bare & at line 2, column 3, allowed &amp;',
    ],
    ['<items><item>&nbsp;</item></items>', 'XmlMalformed: doc: undefined entity &nbsp; at line 1'],
    ['{"items": []}', 'root node at line 1, column 13; the document starts with "{\\"items\\": []}"'],
    [
      '<items>\n<item></items>',
      'XmlMalformed: doc: unexpected close tag, expected </item> at line 2, column',
    ],
    ['<items><item>\u0001</item></items>', 'XmlMalformed: doc: disallowed character at line 1'],
    ['<items><x:item/></items>', 'XmlMalformed: doc: prefix x of x:item is not declared at line 1'],
    ['<error code="1"/>', 'DocumentMismatch: doc: root is <error>, expected <items> at line 1'],
    ['<items xmlns="urn:x"/>', 'its namespace is urn:x, expected none'],
    [
      '<html><body>log in</body></html>',
      'SourceRefused: doc: root is <html>, expected <items>: an HTML page',
    ],
    ['<!doctype html><html lang=en><br>', 'SourceRefused: doc: the source answered with an HTML page'],
    ['{"error": 1}', 'XmlMalformed: doc: text data outside of root node'],
    [
      '<?xml version="2.0"?><items/>',
      'XmlUnsupported: doc: XML version 2.0, allowed 1.0 at line 1, column 19',
    ],
    ['<?xml version="1"?><items/>', 'XmlUnsupported: doc: XML version 1, allowed 1.0 at line 1, column 17'],
    ['<?xml version="one"?><items/>', 'XmlMalformed: doc: version number must match'],
  ])('%j is refused', async (xml, message) => {
    expect(await errorOf(xml)).toContain(message);
  });

  test.each([
    ['<items><item/></items>\n <!-- > --> x y', 'text data outside of root node at line 2, column 13'],
    ['<items><item><id>&lt\u0001&gt;</id></item></items>', 'a bare & at line 1, column 18'],
  ])('%j is refused at the first character at fault, wherever it is cut', async (xml, message) => {
    for (let chunk = 1; chunk <= xml.length; chunk += 1)
      expect(await errorOf(xml, { chunk })).toContain(message);
  });

  test.each(['', '\ufeff', ' \r\n', '\n'.repeat(100)])(
    '%j is told to be empty, wherever it is cut',
    async (xml) => {
      for (const chunk of [1, 3, 1000]) {
        expect(await errorOf(xml, { chunk })).toBe(
          'SourceTruncated: doc: the document is empty, allowed one root element',
        );
      }
    },
  );

  test('an envelope value that comes after the first record is an error', async () => {
    const contract = contractOf([table('i', '/items/item', [column('total', '/items/total')])]);
    expect((await parse('<items><total>2</total><item/></items>', contract)).rows).toEqual([[['2']]]);
    await expect(parse('<items><item/><total>2</total></items>', contract)).rejects.toThrow(
      'doc: /items/total matches after the first record, allowed before it alone at line 1, column',
    );
  });

  test('an element after the first record is an error only if its predicates hold', async () => {
    const contract = contractOf([
      table('i', '/r/item', [
        column('version', "/r/p[name='version']/value"),
        column('nested', "/r/p[name='nest']/q[@a='1'][name='yes']/@a"),
      ]),
    ]);
    const p = (name: string, more = '<value>2</value>') => `<p>${more}<name>${name}</name></p>`;
    const q = (name: string) => `<q a="1"><name>${name}</name></q>`;
    const around = (later: string) => `<r>${p('version', '<value>1</value>')}<item/>${later}<item/></r>`;
    for (const later of [
      p('other').repeat(3),
      p('nest', q('no')),
      p('other', q('yes')),
      p('nest', `${q('no')}<value/>`),
    ]) {
      for (const chunk of [1, 1000]) {
        expect((await parse(around(later), contract, { chunk })).rows).toEqual([
          [
            ['1', null],
            ['1', null],
          ],
        ]);
      }
    }
    for (const [later, path] of [
      [p('other') + p('version'), "/r/p[name='version']/value"],
      [p('nest', q('no') + q('yes')), "/r/p[name='nest']/q[@a='1'][name='yes']/@a"],
    ] as const) {
      await expect(parse(around(later), contract, { chunk: 1 })).rejects.toThrow(
        `doc: ${path} matches after the first record, allowed before it alone at line 1, column`,
      );
    }
  });

  test('records whose cursor is out of bounds are dropped and counted, with their children', async () => {
    const contract = contractOf(
      [
        table('i', '/items/item', [column('at', '@at', { type: { kind: 'timestamptz' } })]),
        table('c', '/items/item/c', [column('v', '.')], { parent: { table: 's.i', columns: [] } }),
      ],
      { cursor: 'at' },
    );
    const item = (at: string) => `<item at="${at}"><c>x</c></item>`;
    const xml = `<items>${['2024-01-01T00:00:00Z', '2024-01-01T23:59:59.999999Z', '2024-01-02T00:00:00Z'].map(item).join('')}</items>`;
    const cursorBounds = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 0, 2) };
    const { rows, summary } = await parse(xml, contract, { cursorBounds });
    expect(rows.map((of) => of.length)).toEqual([2, 2]);
    expect(summary).toMatchObject({
      records: 3,
      outside: 1,
      orphans: 0,
      largestCursor: '2024-01-01 23:59:59.999999+00',
    });
  });
});

describe('the length of a name', () => {
  const name = 'n'.repeat(8);
  const long = `${name}n`;
  const at = { nameLength: 8 };

  test.each([
    `<items><${name}/></items>`,
    `<items><${name}></${name}></items>`,
    `<items ${name}=""/>`,
    `<items><?${name}?><?${name} p?></items>`,
  ])('is allowed up to the limit, as in %s', async (xml) => {
    for (const chunk of [1, 3, 100]) expect(await errorOf(xml, { chunk, ...limits(at) })).toBe('read');
  });

  test.each([
    `<items><${long}/>`,
    `<items></${long}>`,
    `<items ${long}=""/>`,
    `<items><?${long}?></items>`,
    `<?${long} p?><items/>`,
    `<items/><?${long} p?>`,
  ])('is refused over it at the same place, wherever %s is cut', async (xml) => {
    const whole = await errorOf(xml, { chunk: 100, ...limits(at) });
    expect(whole).toContain('a name is over nameLength, 8 characters');
    for (let chunk = 1; chunk < xml.length; chunk += 1)
      expect(await errorOf(xml, { chunk, ...limits(at) })).toBe(whole);
  });
});

describe('limits have names', () => {
  const items = (inner: string) => `<items>${inner}</items>`;
  test.each([
    ['textLength', items(`<item><name>${'x'.repeat(101)}</name></item>`), { textLength: 100 }],
    ['textLength', items(`<!--${'x'.repeat(101)}-->`).repeat(1), { textLength: 100 }],
    ['textLength', items(`<item><name><![CDATA[${'x'.repeat(101)}]]></name></item>`), { textLength: 100 }],
    ['entityLength', items(`<item>&${'x'.repeat(150)}`), { entityLength: 100 }],
    ['entityLength', `<items at="&${'x'.repeat(150)}`, { entityLength: 100 }],
    ['nameLength', `<items><${'i'.repeat(50)}`, { nameLength: 20 }],
    ['nameLength', `<items ${'a'.repeat(50)}`, { nameLength: 20 }],
    ['nameLength', `<items></${'i'.repeat(50)}`, { nameLength: 20 }],
    ['nameLength', `<items><?${'p'.repeat(50)}`, { nameLength: 20 }],
    ['textLength', `<items at="${'x'.repeat(150)}`, { textLength: 100 }],
    ['textLength', `<items><?p ${'x'.repeat(150)}`, { textLength: 100 }],
    ['dtdLength', `<!DOCTYPE items [${'<!ELEMENT i ANY>'.repeat(20)}`, { dtdLength: 100 }],
    [
      'attributeCount',
      items(`<item ${Array.from({ length: 11 }, (_, n) => `a${n}=""`).join(' ')}/>`),
      { attributeCount: 10 },
    ],
    ['depth', '<items>'.repeat(11), { depth: 10 }],
    ['recordSize', items(`<item>${'<name>12345</name>'.repeat(20)}</item>`), { recordSize: 300 }],
    ['documentSize', items('<item/>'.repeat(20)), { documentSize: 100 }],
    [
      'entityExpansion',
      `<!DOCTYPE items [<!ENTITY a "${'x'.repeat(60)}">]>${items('<item><name>&a;&a;</name></item>')}`,
      { entityExpansion: 100, amplification: 0 },
    ],
    [
      'entityExpansion',
      `<!DOCTYPE items [<!ENTITY a "${'x'.repeat(60)}"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;">]>${items('<item><name>&c;</name></item>')}`,
      { entityExpansion: 300, amplification: 0 },
    ],
  ])('%s', async (name, xml, more) => {
    expect(await errorOf(xml, { chunk: 16, ...limits(more) })).toMatch(
      new RegExp(`^XmlLimitExceeded: doc: .*${name}, \\d+`),
    );
    const isWhole = xml.endsWith('</items>') && name !== 'entityLength';
    expect(await errorOf(isWhole ? xml : XML)).toBe('read');
  });
});

describe('a document type', () => {
  const withDtd = (subset: string, inner = '') => `<!DOCTYPE items [${subset}]><items>${inner}</items>`;
  const item = '<item><name>&e;</name></item>';

  test('may declare entities of plain text, in terms of each other', async () => {
    const xml = withDtd(`<!ENTITY e "a &#38;amp; &f;"> <!ENTITY f '"&#233;"'>`, item);
    expect((await parse(xml, ITEMS, { chunk: 1 })).rows[0]?.[0]?.[1]).toBe('a & "é"');
  });

  test.each([
    ['<!ENTITY e "<b/>">', 'XmlUnsupported: doc: entity e has markup'],
    ['<!ENTITY e SYSTEM "file:///etc/passwd">', 'XmlUnsupported: doc: external entity e'],
    ['<!ENTITY e "&f;"><!ENTITY f "&e;">', 'XmlMalformed: doc: entity e refers to itself'],
    ['<!ENTITY % p SYSTEM "x"> %p;', 'XmlUnsupported: doc: parameter entity %p;'],
  ])('%s is refused by name', async (subset, message) => {
    expect(await errorOf(withDtd(subset, item))).toContain(message);
  });

  test('that is external is not read, and an entity that it may declare is refused by name', async () => {
    expect(await errorOf('<!DOCTYPE items SYSTEM "items.dtd"><items/>')).toBe('read');
    expect(await errorOf(`<!DOCTYPE items SYSTEM "items.dtd"><items>${item}</items>`)).toContain(
      'XmlUnsupported: doc: an entity that is not declared in the document itself',
    );
  });
});
