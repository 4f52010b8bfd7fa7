import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** What a document declares of itself: defaults, names, encodings, and what these may cost. */

const ROWS = contractOf([
  table('i', '/r/i', [column('a', '@a', { trim: false }), column('t', 'b', { trim: false })]),
]);

const rowsOf = async (xml: string | Uint8Array, more: Parameters<typeof parse>[2] = {}) =>
  (await parse(xml, ROWS, more)).rows[0];
const errorOf = async (xml: string | Uint8Array, more: Parameters<typeof parse>[2] = {}): Promise<string> =>
  parse(xml, ROWS, more).then(
    () => 'read',
    (error: unknown) => String(error),
  );

describe('attribute defaults of the document itself', () => {
  test.each([
    ['<!ATTLIST i a CDATA "x">', '<i/>', 'x'],
    ['<!ATTLIST i a CDATA #FIXED "x">', '<i/>', 'x'],
    ['<!ATTLIST i a CDATA "x">', '<i a="y"/>', 'y'],
    ['<!ATTLIST i a CDATA "x" a CDATA "z">', '<i/>', 'x'],
    ['<!ATTLIST i a CDATA " x\n y ">', '<i/>', ' x  y '],
    ['<!ATTLIST i a NMTOKENS " x\n y ">', '<i/>', 'x y'],
    ['<!ENTITY e "v&#10;w"><!ATTLIST i a CDATA "&e;&lt;&#38;">', '<i/>', 'v w<&'],
    ['<!ATTLIST b a CDATA "x" c CDATA "&amp;">', '<i><b/></i>', null],
    ['<!ATTLIST other a CDATA "x">', '<i/>', null],
  ])('%s gives %s its value', async (subset, item, value) => {
    for (const chunk of [1, 7, 1000]) {
      const xml = `<!DOCTYPE r [${subset}]><r>${item}</r>`;
      expect((await rowsOf(xml, { chunk }))?.map((row) => row[0])).toEqual([value]);
    }
  });

  test('may declare the namespace that an element and its content stand in', async () => {
    const contract = contractOf([table('i', '/x:r/x:i', [column('a', '@x:a')])], {
      namespaces: { x: 'urn:x' },
    });
    const xml = `<!DOCTYPE p:r [<!ATTLIST p:r xmlns:p CDATA #FIXED "urn:x">]><p:r><p:i p:a="1"/></p:r>`;
    expect((await parse(xml, contract)).rows[0]).toEqual([['1']]);
  });

  test('are refused where their own text is', async () => {
    const withDefault = (value: string) => `<!DOCTYPE r [<!ATTLIST i a CDATA "${value}">]><r/>`;
    expect(await errorOf(withDefault('&e;'))).toContain(
      'XmlMalformed: doc: the reference &e; in the default of a',
    );
    expect(await errorOf(withDefault('<'))).toContain('XmlMalformed: doc: a < in the default of a');
  });

  test('of an external DTD are not read, and that is told unless the document stands alone', async () => {
    const xml = '<!DOCTYPE r SYSTEM "r.dtd"><r><i/></r>';
    expect((await parse(xml, ROWS)).summary.warnings).toEqual([
      'the external DTD "r.dtd" is not read: attributes that it gives a default are taken to be absent',
    ]);
    const alone = `<?xml version="1.0" standalone="yes"?>${xml}`;
    expect((await parse(alone, ROWS)).summary.warnings).toEqual([]);
  });
});

describe('Namespaces in XML 1.0 and the form of names', () => {
  test.each([
    '<r><a:b:c xmlns:a="u"/></r>',
    '<r a:b:c="" xmlns:a="u"/>',
    '<r xmlns:a:b="u"/>',
    '<r xmlns:="u"/>',
    '<r xmlns:1="u"/>',
    '<r><p:i/></r>',
    '<r p:a=""/>',
    '<r xmlns:xmlns="u"/>',
    '<r xmlns:p=""/>',
    '<r><?a:b c?></r>',
    '<r><?a?b?></r>',
    '<r><?a??></r>',
    '<r><?a+b?></r>',
    '\ufeff\ufeff<r/>',
    ' \ufeff<r/>',
    '<!DOCTYPE r [<!ENTITY a:b "">]><r/>',
    '<!DOCTYPE r [<!NOTATION a:b SYSTEM "">]><r/>',
    '<!DOCTYPE r [<?a:b?>]><r/>',
    '<!DOCTYPE r [<?a?b?>]><r/>',
    '<!DOCTYPE a:b:c []><r/>',
    '<!DOCTYPE r [<!ELEMENT a:b:c ANY>]><r/>',
    '<!DOCTYPE r [<!ATTLIST r a:b:c CDATA "">]><r/>',
  ])('%j is malformed', async (xml) => {
    for (const chunk of [1, 2, 1000]) expect(await errorOf(xml, { chunk })).toMatch(/^XmlMalformed: doc: /);
  });

  test('U+FEFF is a character like others in content', async () => {
    expect(await rowsOf('\ufeff<r><i a="\ufeff1"><b>x\ufeff</b></i></r>')).toEqual([['\ufeff1', 'x\ufeff']]);
    expect(await rowsOf('<r><?a b?><?a ??><?a?><i a="1"/></r>')).toEqual([['1', null]]);
  });
});

describe('encodings that contradict each other are told', () => {
  const E = '<r><i><b>é</b></i></r>';
  const declared = (name: string) => `<?xml version="1.0" encoding="${name}"?>${E}`;
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
  test.each([
    ['the declaration over a charset that servers add', Buffer.from(declared('utf-8')), 'ISO-8859-1', 1],
    ['the declaration over US-ASCII', Buffer.from(declared('UTF-8')), 'us-ascii', 1],
    ['the charset over the declaration', Buffer.from(declared('iso-8859-1')), 'utf-8', 1],
    ['the mark over the charset', Buffer.from(`\ufeff${E}`), 'ISO-8859-1', 1],
    ['the mark over the declaration', Buffer.from(`\ufeff${declared('windows-1252')}`), undefined, 1],
    ['the mark over both', utf16(declared('UTF-8')), 'windows-1252', 1],
    ['nothing where all say the same', utf16(declared('UTF-16')), 'UTF-16', 0],
    ['nothing where the charset stands alone', Buffer.from(E, 'latin1'), 'ISO-8859-1', 0],
  ])('%s', async (_, bytes, charset, told) => {
    for (const chunk of [1, 3, 1000]) {
      const { rows, summary } = await parse(bytes, ROWS, {
        chunk,
        ...(charset === undefined ? {} : { charset }),
      });
      expect(rows[0]).toEqual([[null, 'é']]);
      expect(summary.warnings.length).toBe(told);
      for (const warning of summary.warnings)
        expect(warning).toMatch(/^encodings contradict .*; read as UTF-/);
    }
  });
});

describe('bytes that ISO-8859-1 has no characters for', () => {
  const bytes = Buffer.from(
    '<?xml version="1.0" encoding="ISO-8859-1"?><r><i><b>\x93é\x94\x85</b></i></r>',
    'latin1',
  );
  test('are read as declared, and told once, with what they may mean', async () => {
    for (const chunk of [1, 3, 1000]) {
      const { rows, summary } = await parse(bytes, ROWS, { chunk });
      expect(rows[0]).toEqual([[null, '\x93é\x94\x85']]);
      expect(summary.warnings).toEqual([
        'byte 0x93 at offset 52 is a control character in ISO-8859-1, and perhaps windows-1252 or UTF-8 in truth: then the source has to declare that',
      ]);
    }
  });
});

describe('a document cannot ask for more than its size', () => {
  const limits = { ...DEFAULT_LIMITS, entityExpansion: 1000 };

  test('by entities, whether or not they give characters', async () => {
    for (const inner of ['', 'x']) {
      const level = (n: number) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`;
      const levels = Array.from({ length: 10 }, (_, n) => level(n)).join('');
      const xml = `<!DOCTYPE r [<!ENTITY e0 "${inner}">${levels}]><r><i><b>&e10;</b></i></r>`;
      expect(await errorOf(xml)).toContain(
        'XmlLimitExceeded: doc: entities and attribute defaults are over entityExpansion',
      );
    }
  });

  test('but may refer to short entities without end', async () => {
    const xml = `<!DOCTYPE r [<!ENTITY auml "ä">]><r><i><b>${'&auml;'.repeat(5000)}</b></i></r>`;
    expect(await errorOf(xml, { limits: { ...limits, amplification: 0 } })).toBe('read');
  });

  test('by defaults, by namespaces, by names', async () => {
    const many = `<!ATTLIST i ${Array.from({ length: 500 }, (_, n) => `a${n} CDATA "xxxx"`).join(' ')}>`;
    const defaults = `<!DOCTYPE r [${many}]><r>${'<i/>'.repeat(1000)}</r>`;
    expect(await errorOf(defaults, { limits })).toContain('entityExpansion, 1000 characters');
    const scopes = Array.from({ length: 20 }, (_, n) => `<i xmlns:p${n}="u" xmlns:q${n}="u">`).join('');
    expect(await errorOf(`<r>${scopes}`, { limits: { ...limits, namespaceCount: 30 } })).toContain(
      'namespaces in scope are over namespaceCount, 30',
    );
    expect(await errorOf(`<r><${'i'.repeat(1025)}/></r>`)).toContain('a name is over nameLength, 1024');
  });

  test('nor by white space around the root or text that nobody reads', async () => {
    const few = { limits: { ...DEFAULT_LIMITS, textLength: 1000 }, chunk: 64 };
    for (const xml of [
      `${' '.repeat(2000)}<r/>`,
      `<r/>${' '.repeat(2000)}`,
      `<r><x>${'&lt;y'.repeat(500)}</x></r>`,
    ]) {
      expect(await errorOf(xml, few)).toContain('XmlLimitExceeded: doc: a text is over textLength, 1000');
    }
  });

  test('and its declarations are read in one pass, of the length that they may have', async () => {
    for (const model of [`${'('.repeat(100_000)}a${')'.repeat(100_000)}`, `(${' '.repeat(200_000)}x)`]) {
      expect(await errorOf(`<!DOCTYPE r [<!ELEMENT r ${model}>]><r/>`)).toBe('read');
    }
    expect(await errorOf(`<!DOCTYPE r [${' '.repeat(1024 * 1024)}]><r/>`)).toContain(
      'over dtdLength, 1048576',
    );
  });
});
