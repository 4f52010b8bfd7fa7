import { readFileSync } from 'node:fs';
import { DOMParser, type Node as DomNode, type Element } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnContract } from '../../../shared/model/contract.ts';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { rounds } from '../../rounds.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** An element with all that is in it, as JSON. */

const contract = (more: Partial<ColumnContract> = {}, path = 'v') =>
  contractOf([table('r', '/d/r', [column('v', path, { type: { kind: 'super' }, as: 'json', ...more })])]);

const jsonOf = async (inner: string, more: Partial<ColumnContract> = {}, path = 'v') => {
  const { rows, rejects } = await parse(`<d><r>${inner}</r></d>`, contract(more, path));
  return rejects[0]?.reason ?? rows[0]?.[0]?.[0];
};

describe('an element as JSON', () => {
  test.each([
    ['nothing', '<v/>', '{}'],
    ['a text', '<v>a</v>', '{"#text":"a"}'],
    ['attributes and a text', '<v x="1" y="">a</v>', '{"@x":"1","@y":"","#text":"a"}'],
    ['one child', '<v><a>1</a></v>', '{"a":[{"#text":"1"}]}'],
    ['several children', '<v><a>1</a><a/></v>', '{"a":[{"#text":"1"},{}]}'],
    [
      'children that stand apart',
      '<v><a i="1"/><b/><a i="2"/></v>',
      '{"a":[{"@i":"1"},{"@i":"2"}],"b":[{}]}',
    ],
    ['names within each other', '<v><v><v>x</v></v></v>', '{"v":[{"v":[{"#text":"x"}]}]}'],
    ['layout', '<v>\n  <a>\n 1 \n</a>\n  <b> </b>\n</v>', '{"a":[{"#text":"1"}],"b":[{}]}'],
    ['mixed content', '<v>one <b>two</b> three <b/> </v>', '{"#text":"one  three","b":[{"#text":"two"},{}]}'],
    ['CDATA and comments', '<v>a<![CDATA[<b>]]><!-- x -->c<?p?><![CDATA[]]></v>', '{"#text":"a<b>c"}'],
    [
      'what JSON escapes',
      '<v x="&quot;\\&#9;">&lt;\u2028é😀&#10;</v>',
      '{"@x":"\\"\\\\","#text":"<\u2028é😀"}',
    ],
    [
      'no prefixes and no declarations',
      '<v xmlns:p="urn:p" p:x="1" xml:lang="en"><p:a/></v>',
      '{"@x":"1","@lang":"en","a":[{}]}',
    ],
    [
      'nil within',
      '<v xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><a xsi:nil="true"/></v>',
      '{"a":[{"@nil":"true"}]}',
    ],
    [
      'names of objects',
      '<v><__proto__>1</__proto__><constructor/></v>',
      '{"__proto__":[{"#text":"1"}],"constructor":[{}]}',
    ],
  ])('of %s', async (_, xml, json) => {
    expect(await jsonOf(xml)).toBe(json);
    JSON.parse(json);
  });

  test('is null where the element is nil, and absent', async () => {
    const nil = '<v xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"><a/></v>';
    expect([await jsonOf(nil), await jsonOf('')]).toEqual([null, null]);
  });

  test('keeps white space with trim: false, but for layout', async () => {
    expect(await jsonOf('<v x=" 1 ">\n<a> 2 </a>\n<b> </b></v>', { trim: false })).toBe(
      '{"@x":" 1 ","a":[{"#text":" 2 "}],"b":[{"#text":" "}]}',
    );
  });

  test('is an array of objects with many: json, and one of them with first and last', async () => {
    const xml = '<v>1</v><v><a/></v>';
    expect(await jsonOf(xml, { many: 'json' })).toBe('[{"#text":"1"},{"a":[{}]}]');
    expect(await jsonOf('<v/>', { many: 'json' })).toBe('[{}]');
    expect(await jsonOf(xml, { many: 'first' })).toBe('{"#text":"1"}');
    expect(await jsonOf(xml, { many: 'last' })).toBe('{"a":[{}]}');
    expect(await jsonOf(xml)).toBe('2 elements match, allowed one');
  });

  test('is the first alternative that is there, and the default otherwise', async () => {
    expect(await jsonOf('<w><a/></w>', {}, 'v | w')).toBe('{"a":[{}]}');
    expect(await jsonOf('', { default: '{ "none": true }' })).toBe('{"none":true}');
  });

  test('goes into a varchar that is long enough', async () => {
    expect(await jsonOf('<v>abc</v>', { type: { kind: 'varchar', length: 15 } })).toBe('{"#text":"abc"}');
    expect(await jsonOf('<v>abcd</v>', { type: { kind: 'varchar', length: 15 } })).toBe(
      '"{\\"#text\\":\\"abcd\\"}" is 16 bytes long, allowed 15',
    );
  });
});

describe('a super column without `as`', () => {
  const any = { as: undefined } as unknown as Partial<ColumnContract>;

  test('is a string where the element has no child elements, an object where it has', async () => {
    expect(await jsonOf('<v x="1"> a </v>', any)).toBe('"a"');
    expect(await jsonOf('<v x="1"> a <b/></v>', any)).toBe('{"@x":"1","#text":"a","b":[{}]}');
    expect(await jsonOf('<v/>', any)).toBe(null);
    expect(await jsonOf('<v/><v><b/></v><v>c</v>', { ...any, many: 'json' })).toBe('[null,{"b":[{}]},"c"]');
  });

  test('has its parts rejected where split meets child elements', async () => {
    expect(await jsonOf('<v>a|b</v>', { ...any, many: 'json', split: '|' })).toBe('["a","b"]');
    expect(await jsonOf('<v>a|<b/></v>', { ...any, many: 'json', split: '|' })).toBe(
      'the element has child elements, allowed a text that split can cut',
    );
  });
});

describe('what SUPER does not hold is a reject', () => {
  const long = 'é'.repeat(32_768);

  test.each([
    ['a text', `<v><a>${long}</a></v>`, 'the text of <a>: "éé'],
    ['an attribute', `<v><a b="${long}"/></v>`, '@b of <a>: "éé'],
  ])('%s of more than 65,535 bytes', async (_, xml, reason) => {
    expect(await jsonOf(xml)).toContain(reason);
    expect(await jsonOf(xml)).toContain('is 65536 bytes long, allowed 65535 for a string in super');
    expect(await jsonOf(xml.replace('é', 'e'))).toMatch(/^\{"a"/);
  });

  test('a value of more than 16 MB', async () => {
    const item = `<a>${'x'.repeat(65_000)}</a>`;
    const json = String(await jsonOf(`<v>${item.repeat(246)}</v>`));
    expect(json).toMatch(/^\{"a":\[/);
    expect(json.length).toBeLessThanOrEqual(16_000_000);
    expect(await jsonOf(`<v>${item.repeat(247)}</v>`)).toContain(
      `is ${json.length + 65_013} bytes long, allowed 16000000 in super`,
    );
  });

  test('elements and attributes that differ by their namespace alone', async () => {
    const names = 'xmlns:p="urn:p" xmlns:q="urn:q"';
    expect(await jsonOf(`<v ${names}><a/><b><p:c/><c/></b></v>`)).toBe(
      '<b> has elements named c of two namespaces, urn:p and none, which would be one in JSON; map them apart, or keep the markup by as: xml',
    );
    expect(await jsonOf(`<v ${names} p:x="1" q:x="2"/>`)).toContain(
      '<v> has attributes named x of two namespaces',
    );
    expect(await jsonOf(`<v ${names}><p:c/><q:d/><p:c/></v>`)).toBe('{"c":[{},{}],"d":[{}]}');
  });

  test('and the next row is none', async () => {
    const { rows, rejects } = await parse(
      '<d xmlns:p="urn:p"><r><v><a><p:b/><b><c/>x</b></a>y</v></r><r><v>1</v></r></d>',
      contract(),
    );
    expect(rejects).toHaveLength(1);
    expect(rows).toEqual([[['{"#text":"1"}']]]);
  });
});

test('nests in JSON as deep as a document may be, far from the 1,000 levels of SUPER', async () => {
  const levels = DEFAULT_LIMITS.depth - 3;
  const json = await jsonOf(`<v>${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}</v>`);
  let depth = 0;
  for (let at: unknown = JSON.parse(json ?? ''); typeof at === 'object' && at !== null; depth += 1)
    at = Array.isArray(at) ? at[0] : Object.values(at)[0];
  expect(depth).toBe(2 * levels + 1);
  expect(depth).toBeLessThan(1000);
});

test('is held to the size of a record while it grows, though it has no text', async () => {
  const limits = { ...DEFAULT_LIMITS, recordSize: 10_000 };
  const read = (n: number) => parse(`<d><r><v>${'<a/>'.repeat(n)}</v></r></d>`, contract(), { limits });
  expect((await read(50)).rows[0]).toHaveLength(1);
  await expect(read(500)).rejects.toMatchObject({ name: 'XmlLimitExceeded' });
});

test('leaves nothing in it to be told as read by no column', async () => {
  const { summary } = await parse('<d><r><v x="1"><a y="2">1</a></v><w/></r></d>', contract());
  expect(summary.held.unmapped()).toEqual([{ path: '/d/r/w', count: 1 }]);
});

test("gives docs/feeds.md's example", async () => {
  const page = readFileSync('docs/feeds.md', 'utf8');
  // The last document before the JSON that it gives.
  const [before = '', after = ''] = page.split('```json\n');
  const xml = before.split('```xml\n').at(-1)?.split('```')[0] ?? '';
  const json = await jsonOf(xml, {}, 'order');
  expect(JSON.parse(json ?? '')).toEqual(JSON.parse(after.split('```')[0] ?? ''));
});

/** An independent model: the shape by a DOM. */
interface Shape {
  readonly [name: string]: string | readonly Shape[];
}

const SPACE = /^[ \t\r\n]*$/;
const ENDS = /^[ \t\r\n]+|[ \t\r\n]+$/g;

const shapeOf = (element: Element): Shape => {
  const shape = new Map<string, string | Shape[]>();
  for (const attribute of Array.from(element.attributes)) {
    if (attribute.nodeName !== 'xmlns' && !attribute.nodeName.startsWith('xmlns:'))
      shape.set(`@${attribute.localName}`, attribute.value.replace(ENDS, ''));
  }
  const nodes: DomNode[] = Array.from(element.childNodes);
  const elements = nodes.filter((node): node is Element => node.nodeType === 1);
  // Texts between two tags are one, whatever comments stand in them.
  const runs = [''];
  for (const node of nodes) {
    if (node.nodeType === 1) runs.push('');
    else if (node.nodeType === 3 || node.nodeType === 4) runs.push(`${runs.pop()}${node.nodeValue}`);
  }
  const text = runs
    .filter((run) => elements.length === 0 || !SPACE.test(run))
    .join('')
    .replace(ENDS, '');
  if (text !== '') shape.set('#text', text);
  for (const child of elements) {
    const name = child.localName ?? '';
    const known = shape.get(name);
    if (Array.isArray(known)) known.push(shapeOf(child));
    else shape.set(name, [shapeOf(child)]);
  }
  return Object.fromEntries(shape);
};

/** Without `as`: a text where there are no child elements. */
const plainOf = (element: Element): Shape | string | null => {
  const isLeaf = Array.from(element.childNodes).every(({ nodeType }) => nodeType !== 1);
  if (!isLeaf) return shapeOf(element);
  const text = shapeOf(element)['#text'];
  return typeof text === 'string' ? text : null;
};

const BOTH = contractOf([
  table('r', '/d/r', [
    column('json', 'w/*', { type: { kind: 'super' }, as: 'json' }),
    column('plain', 'w/*', { type: { kind: 'super' } }),
    column('none', 'w/*/none', { type: { kind: 'super' } }),
    column('markup', 'w/*', { as: 'xml' }),
    column('whole', 'w/*', { as: 'text' }),
  ]),
]);

const textArbitrary = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      '\n',
      'é',
      '😀',
      '&amp;',
      '&lt;',
      '&#9;',
      '<!-- c -->',
      '<![CDATA[ <x> & ]]>',
      '<?p i?>',
      '"',
      '\\',
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));

const attributesArbitrary = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom('x', 'y', 'p:z', 'xml:lang'), fc.constantFrom('', '1', ' é ', '&quot;&#10;')),
    { selector: ([name]) => name, maxLength: 3 },
  )
  .map((list) => list.map(([name, value]) => ` ${name}="${value}"`).join(''));

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(fc.constantFrom('v', 'a', 'b', 'p:c'), attributesArbitrary, tie('content'))
    .map(([name, attributes, content]) => `<${name}${attributes}>${content}</${name}>`),
  content: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    textArbitrary,
    fc
      .array(fc.tuple(textArbitrary, tie('element')), { maxLength: 4 })
      .chain((parts) => textArbitrary.map((end) => parts.flat().join('') + end)),
  ),
}));

test('is what a DOM gives, for any document, cut at every byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(element, { minLength: 1, maxLength: 3 }), async (elements) => {
      const xml = `<d xmlns:p="urn:p">${elements.map((one) => `<r><w>${one}</w></r>`).join('')}</d>`;
      const dom = new DOMParser({ onError: () => undefined }).parseFromString(xml, 'text/xml');
      const wanted = Array.from(dom.getElementsByTagName('w')).map((w) => {
        const [of] = Array.from(w.childNodes).filter((node): node is Element => node.nodeType === 1);
        return of === undefined ? [] : [shapeOf(of), plainOf(of), null];
      });
      for (const chunk of [undefined, 1, 7]) {
        const { rows, rejects } = await parse(xml, BOTH, chunk === undefined ? {} : { chunk });
        expect(rejects).toEqual([]);
        const values = rows[0]?.map((row) => row.slice(0, 3).map((json) => JSON.parse(json ?? 'null')));
        expect(values).toEqual(wanted);
      }
    }),
    { numRuns: rounds(300) },
  );
});
