import { describe, expect, test } from 'vitest';
import { inferText } from './inferred.ts';

const ITEMS = '<item><id>1</id></item><item><id>2</id></item>';
const SERVER = 'https://api.example/v1/items';

const inferPage = (xml: string) =>
  inferText(xml, {
    source: { kind: 'http', address: SERVER, params: [['limit', '2']], page: SERVER },
  });

describe('next of a URL', () => {
  test.each([
    ['an attribute of the root', `<items next="${SERVER}?after=2">${ITEMS}</items>`, '/items/@next', 'URL'],
    ['a path', `<items next="/v1/items?after=2">${ITEMS}</items>`, '/items/@next', 'path'],
    ['a query alone', `<items nextPage="?after=2">${ITEMS}</items>`, '/items/@nextPage', 'path'],
    ["the request's own path", `<items next_link="items?p=2">${ITEMS}</items>`, '/items/@next_link', 'path'],
    ['an element', `<items>${ITEMS}<next-page>/p?p=2</next-page></items>`, '/items/next-page', 'path'],
    [
      'an element in a wrapper that looks like a record',
      `<items><paging><total>7</total><nextHref>/p?p=2</nextHref></paging>${ITEMS}</items>`,
      '/items/paging/nextHref',
      'path',
    ],
    [
      'a link of an element',
      `<items><nextPage xmlns:r="urn:r" r:resource="/p?p=2"/>${ITEMS}</items>`,
      '/items/nextPage/@r:resource',
      'path',
    ],
    [
      'another namespace than the records have',
      `<t:items xmlns:t="urn:t" xmlns:p="urn:p"><p:nextUrl>/p?p=2</p:nextUrl>${ITEMS}</t:items>`,
      '/t:items/p:nextUrl',
      'path',
    ],
    [
      'a link beside a token',
      `<items nextToken="abc" next="/v1/items?after=2">${ITEMS}</items>`,
      '/items/@next',
      'path',
    ],
  ])('is %s that stands once around the records', async (_, xml, path, what) => {
    const text = await inferPage(xml);
    expect(text).toContain(
      `    # ${path} leads to the next page: once in the document, around the records: a ${what} of the same server.\n` +
        `    next: { url: "${path}" }\n`,
    );
    expect(text).not.toContain(`# ${path}: outside the records`);
    expect(text).not.toContain('after=2');
  });

  test.each([
    ['a token by its name', `<items resumptionToken="/wEPDw==">${ITEMS}</items>`, '/items/@resumptionToken'],
    ['an opaque value', `<items><next>g3QAAAAB</next>${ITEMS}</items>`, '/items/next'],
    ['a page number', `<items nextPage="2">${ITEMS}</items>`, '/items/@nextPage'],
    ['a cursor', `<items><meta><cursor>c-17</cursor></meta>${ITEMS}</items>`, '/items/meta/cursor'],
  ])('is left to the user for %s', async (_, xml, path) => {
    const text = await inferPage(xml);
    expect(text).toContain(
      `    # ${path} looks like a token of the next page: once in the document, around the records, and no URL.\n` +
        '    # The parameter that sends it back is not known, so only this page is read. Put its name for NAME:\n' +
        `    # next: { token: "${path}", param: NAME }\n`,
    );
    expect(text).toContain(`# ${path}: outside the records, 1 value`);
    expect(text).not.toMatch(/^ *next:/m);
  });

  test.each([
    ['another server', 'https://other.example/v1/items?after=2'],
    ['another server, without a scheme', '//other.example/v1/items'],
    ['http in place of https', 'http://api.example/v1/items'],
    ['a user in it', 'https://u:p@api.example/v1/items'],
  ])('is left to the user for %s', async (_, value) => {
    const text = await inferPage(`<items next="${value}">${ITEMS}</items>`);
    expect(text).toContain('    # /items/@next looks like a link to the next page');
    expect(text).toContain('    # next: { url: "/items/@next" }\n');
    expect(text).not.toMatch(/^ *next:/m);
    expect(text).not.toContain(value);
  });

  test.each([
    ['in a record', '<items><item><id>1</id><next>/p</next></item><item><id>2</id></item></items>'],
    ['in a record of each', '<items><item id="1" next="/p"/><item id="2" next="/q"/></items>'],
    ['there twice', `<items>${ITEMS}<next>/p</next><next>/q</next></items>`],
    ['in a document of one record', '<item><id>1</id><name>x</name><next>/p</next></item>'],
    ['a yes or no', `<items next="true">${ITEMS}</items>`],
    ['a time', `<items next="2024-05-22T12:12:50Z">${ITEMS}</items>`],
    ['empty', `<items next="">${ITEMS}</items>`],
    ['called otherwise', `<items previous="/p" nextMeeting="/q">${ITEMS}</items>`],
  ])('is not what is %s', async (_, xml) => {
    expect(await inferPage(xml)).not.toMatch(/next: \{/);
  });

  test('is told of for a file', async () => {
    const text = await inferText(`<items next="/v1/items?after=2">${ITEMS}</items>`);
    expect(text).toContain(
      '# A source of such pages, http in place of s3, goes on by next: { url: "/items/@next" }\n',
    );
  });
});
