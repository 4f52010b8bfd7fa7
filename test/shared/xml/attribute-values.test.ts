import { expect, test } from 'vitest';
import { column, contractOf, parse, table } from './documents.ts';

/** XML 1.0, 3.3.3: what a document's own declarations make of an attribute's white space. The expected values are expat's. */

const CONTRACT = contractOf([
  table('r', '/r', [column('x', '@x', { trim: false }), column('text', 'c', { trim: false })]),
]);

const read = async (subset: string, attribute: string, text = ''): Promise<unknown[]> => {
  const xml = `<!DOCTYPE r [${subset}]><r ${attribute}><c>${text}</c></r>`;
  const found: unknown[] = [];
  for (const chunk of [1, 2, 3, 5, 8, 1000]) found.push((await parse(xml, CONTRACT, { chunk })).rows[0]?.[0]);
  expect(new Set(found.map((row) => JSON.stringify(row))).size).toBe(1);
  return found[0] as unknown[];
};

test('white space that an entity brings into an attribute becomes spaces, and stays as it is in text', async () => {
  const entity = '<!ENTITY e "a\nb\tc&#10;d&#13;e">';
  expect(await read(entity, 'x="&e;"', '&e;')).toEqual(['a b c d e', 'a\nb\tc\nd\re']);
  expect(await read(`${entity}<!ENTITY f "\n&e;">`, 'x="&f;"', '&f;')).toEqual([
    ' a b c d e',
    '\na\nb\tc\nd\re',
  ]);
});

test('a character reference, in the attribute or in what an entity becomes, gives its own character', async () => {
  expect(await read('', 'x="a&#10;b&#9;c\n\td"')).toEqual(['a\nb\tc  d', null]);
  expect(await read('<!ENTITY e "a&#38;#10;b">', 'x="&e;"', '&e;')).toEqual(['a\nb', 'a\nb']);
});

test('an attribute of a tokenized type loses the spaces around its tokens, by the first declaration of it', async () => {
  for (const type of [
    'NMTOKENS',
    'NMTOKEN',
    'ID',
    'IDREF',
    'IDREFS',
    'ENTITIES',
    '(a | b)',
    'NOTATION (n)',
  ]) {
    expect(await read(`<!ATTLIST r x ${type} #IMPLIED>`, 'x=" \n a  b&#32; "')).toEqual(['a b', null]);
  }
  expect(await read('<!ATTLIST r x NMTOKENS #IMPLIED>', 'x=" a&#10; b "')).toEqual(['a\n b', null]);
  expect(await read('<!ATTLIST c x ID #IMPLIED><!ATTLIST r y ID #IMPLIED>', 'x=" a "')).toEqual([
    ' a ',
    null,
  ]);
  expect(await read('<!ATTLIST r x CDATA #IMPLIED x ID #IMPLIED>', 'x=" a "')).toEqual([' a ', null]);
  expect(await read('<!ATTLIST r x ID #IMPLIED><!ATTLIST r x CDATA #IMPLIED>', 'x=" a "')).toEqual([
    'a',
    null,
  ]);
});
