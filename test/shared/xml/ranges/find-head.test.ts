import { describe, expect, it } from 'vitest';
import type { Contract } from '../../../../shared/model/contract.ts';
import { findHead } from '../../../../shared/xml/ranges/find-head.ts';
import { column, contractOf, table } from '../documents.ts';

const contractWith = (path: string, rows = '/a/b/r'): Contract =>
  contractOf([table('r', rows, [column('id', '@id'), column('c', path)])]);

const find = (xml: string | Buffer, path = 'v', rows?: string) =>
  findHead(Buffer.from(xml), contractWith(path, rows), 'doc');

const DOCUMENT = '<!--<r>--><a x="1"><t>é</t><b><r id="1"/><r id="2"/></b></a>';

describe("a document's head", () => {
  it('ends where the first record starts', () => {
    const bytes = Buffer.from(DOCUMENT).indexOf('<r id="1"/>');
    expect(find(DOCUMENT)).toEqual({ bytes, depth: 2, tag: 'r' });
    expect(find(`\ufeff${DOCUMENT}`)).toEqual({ bytes: bytes + 3, depth: 2, tag: 'r' });
    expect(find(DOCUMENT, '/a/@x')).toEqual({ bytes, depth: 2, tag: 'r' });
  });

  it.each([
    ['compressed bytes', Buffer.from([0x1f, 0x8b, 8]), 'v', undefined, 'it is compressed'],
    [
      'another encoding',
      `<?xml version="1.0" encoding="ISO-8859-1"?>${DOCUMENT}`,
      'v',
      undefined,
      'its encoding is ISO-8859-1',
    ],
    ['a path of any depth', DOCUMENT, './/v', undefined, 'a path of the feed has //'],
    ['text of an element around', DOCUMENT, '/a/b/text()', undefined, 'reads the text of an element around'],
    ['a counted record', DOCUMENT, 'v', '/a/b/r[1]', 'counts elements beside the records'],
    ['no record', '<a><b/></a>', 'v', undefined, 'no record begins in its first'],
    ['what is no XML', 'hello', 'v', undefined, 'no record begins in its first'],
    ['another root', `<z>${DOCUMENT}</z>`, 'v', undefined, 'root is <z>'],
  ] as const)('is not found with %s', (_, xml, path, rows, why) => {
    expect(find(xml, path, rows)).toEqual({ why: expect.stringContaining(why) });
  });
});
