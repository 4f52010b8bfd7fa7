import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { DOMParser } from '@xmldom/xmldom';
import {
  booleanAt,
  type Cell,
  decimalAt,
  lastOfEach,
  numberAt,
  rowsByDom,
  textAt,
  textsAt,
  timeAt,
} from './by-dom.ts';
import type { Answer } from './documents.ts';
import type { Row } from './folder.ts';

/** Sources of other people's making, as in test/fixtures/sources: their feeds, what they answer, and the rows that they hold. */

const read = (name: string): string => readFileSync(`test/fixtures/sources/${name}`, 'utf8');
const pagesOf = (source: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => read(`${source}/page-${n + 1}.xml`));

const SERVED = ['dng', 'oai', 'odata', 'dump', 'soap'] as const;

/** The feed files by their name. */
export const sourceFeeds = (origin: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...SERVED, 'nightly'].map((name) => [
      name,
      read(`${name}/feed.yaml`).replace('SOURCE', `${origin}/${name}`),
    ]),
  );

/** The files that land in a night, in their order: the second one is two gzip members. */
export const nightlyFiles = (): Readonly<Record<string, Uint8Array>> => {
  const [first = '', second = ''] = nights();
  const members = [second.slice(0, 90), second.slice(90)].map((part) =>
    gzipSync(Buffer.from(part, 'latin1')),
  );
  return {
    'night-1.xml.gz': gzipSync(Buffer.from(first, 'latin1')),
    'night-2.xml.gz': Buffer.concat(members),
  };
};

const nights = (): readonly string[] => ['night-1', 'night-2'].map((name) => read(`nightly/${name}.xml`));

/** A page by the token that asks for it; a request that says more or less than it has to is refused. */
const byToken = (
  pages: readonly string[],
  tokens: readonly string[],
  token: string,
  isRight: boolean,
): string | number => (isRight ? (pages[tokens.indexOf(token)] ?? 400) : 400);

const queryOf = (url: URL): string => [...url.searchParams.keys()].sort().join(' ');

/** What the sources answer, by path. */
export const sourceDocuments = (): Readonly<Record<string, Answer>> => ({
  'dng/resources': ({ url }) =>
    byToken(
      pagesOf('dng', 2),
      ['', 'a+b'],
      url.searchParams.get('pageToken') ?? '',
      url.searchParams.get('projectURI') === '_p1',
    ),
  'oai/oai': ({ url }) => {
    const token = url.searchParams.get('resumptionToken') ?? '';
    const wanted = token === '' ? 'metadataPrefix verb' : 'resumptionToken verb';
    return byToken(pagesOf('oai', 3), ['', 'next|2+&x=1', 'next|4'], token, queryOf(url) === wanted);
  },
  'odata/Service.svc/Customers': ({ url }) =>
    byToken(
      pagesOf('odata', 2),
      ['', "'B''S A'"],
      url.searchParams.get('$skiptoken') ?? '',
      url.searchParams.get('$orderby') === 'CustomerID',
    ),
  'dump/dump': () => read('dump/page-1.xml'),
  'soap/soap': ({ body, headers }) => {
    if (headers.soapaction !== '"urn:shop/GetOrders"') return 400;
    const asked = new DOMParser().parseFromString(body, 'text/xml');
    const of = (name: string): string => asked.getElementsByTagName(name).item(0)?.textContent ?? '';
    return byToken(pagesOf('soap', 2), ['', '2<3 & "more"'], of('cursor'), of('region') === 'north & south');
  },
});

const NAMESPACES = {
  ds: 'http://jazz.net/xmlns/alm/rm/datasource/v0.1',
  rrm: 'http://www.ibm.com/xmlns/rrm/1.0/',
  at: 'http://jazz.net/xmlns/alm/rm/attribute/v0.1',
  o: 'http://www.openarchives.org/OAI/2.0/',
  oai_dc: 'http://www.openarchives.org/OAI/2.0/oai_dc/',
  dc: 'http://purl.org/dc/elements/1.1/',
  a: 'http://www.w3.org/2005/Atom',
  m: 'http://schemas.microsoft.com/ado/2007/08/dataservices/metadata',
  d: 'http://schemas.microsoft.com/ado/2007/08/dataservices',
  e: 'http://schemas.xmlsoap.org/soap/envelope/',
  s: 'urn:shop',
};

const listOf =
  (path: string): Cell =>
  (row, select) => {
    const texts = textsAt(path)(row, select);
    return texts.length === 0 ? null : JSON.stringify(texts);
  };

const custom: Cell = (row, select) => {
  const names = textsAt('at:objectType/at:customAttribute/@at:name')(row, select);
  const values = textsAt('at:objectType/at:customAttribute/@at:value')(row, select);
  return names.length === 0
    ? null
    : JSON.stringify(Object.fromEntries(names.map((name, n) => [name, values[n]])));
};

/** `1.234,50` as a decimal. */
const price: Cell = (row, select) => {
  const text = textAt('price')(row, select);
  return text === null ? null : Number(text.replaceAll('.', '').replace(',', '.')).toFixed(2);
};

const ORDER = '/e:Envelope/e:Body/s:GetOrdersResponse/s:order';
const VERSIONS = { no: textAt('s:no'), version: numberAt('@version') };

/** The SOAP service's page 2 has an older version of one order, which must not count: page 1's stands. */
const orders = (cells: Readonly<Record<string, Cell>>): readonly Row[] =>
  rowsByDom(pagesOf('soap', 2), NAMESPACES, ORDER, cells).toSorted(
    (a, b) => Number(a.version) - Number(b.version),
  );

const CELLS: Readonly<
  Record<(typeof SERVED)[number] | 'nightly', readonly [string, Readonly<Record<string, Cell>>]>
> = {
  dng: [
    '/ds:dataSource/ds:artifact',
    {
      id: numberAt('rrm:identifier'),
      title: textAt('rrm:title'),
      kind: textAt('at:objectType/@at:name'),
      modified: timeAt('rrm:collaboration/rrm:modified'),
      custom,
      project: textAt('ds:location/@rrm:projectName'),
    },
  ],
  oai: [
    '/o:OAI-PMH/o:ListRecords/o:record',
    {
      identifier: textAt('o:header/o:identifier'),
      datestamp: timeAt('o:header/o:datestamp'),
      status: textAt('o:header/@status'),
      sets: (row, select) => textsAt('o:header/o:setSpec')(row, select).join('; ') || null,
      title: textAt('o:metadata/oai_dc:dc/dc:title'),
      creators: listOf('o:metadata/oai_dc:dc/dc:creator'),
    },
  ],
  odata: [
    '/a:feed/a:entry',
    {
      customer_id: textAt('a:content/m:properties/d:CustomerID'),
      name: textAt('a:content/m:properties/d:CompanyName'),
      region: textAt('a:content/m:properties/d:Region'),
      credit: decimalAt('a:content/m:properties/d:Credit', 2),
      is_active: booleanAt('a:content/m:properties/d:IsActive'),
      city: textAt('a:content/m:properties/d:Address/d:City'),
      // The column keeps six digits of seven; a Date has three.
      modified: (row, select) =>
        String(timeAt('a:content/m:properties/d:Modified')(row, select)).replace('.123+', '.123456+'),
      etag: textAt('@m:etag'),
    },
  ],
  dump: [
    '/posts/row',
    {
      id: numberAt('@Id'),
      parent: numberAt('@ParentId'),
      score: numberAt('@Score'),
      created: timeAt('@CreationDate'),
      body: textAt('@Body'),
      tags: textAt('@Tags'),
    },
  ],
  soap: [ORDER, { ...VERSIONS, total: decimalAt('s:total', 2), note: textAt('s:note') }],
  nightly: [
    '/stock/article',
    { article: textAt('@no'), on_hand: numberAt('onHand'), price, night: textAt('/stock/@night') },
  ],
};

/** The rows that the tables `sources.<name>` have to hold, by their first column. */
export const sourceRows = (): Readonly<Record<string, readonly Row[]>> => {
  const rows = (name: keyof typeof CELLS, documents: readonly string[]): readonly Row[] => {
    const [path, cells] = CELLS[name];
    const all = name === 'soap' ? orders(cells) : rowsByDom(documents, NAMESPACES, path, cells);
    return lastOfEach(all, Object.keys(cells)[0] ?? '');
  };
  return {
    dng: rows('dng', pagesOf('dng', 2)),
    oai: rows('oai', pagesOf('oai', 3)),
    odata: rows('odata', pagesOf('odata', 2)),
    dump: rows('dump', pagesOf('dump', 1)),
    soap: rows('soap', pagesOf('soap', 2)),
    nightly: rows('nightly', nights()),
  };
};

/** The lines of each order's newest version. */
export const soapLines = (): readonly Row[] =>
  lastOfEach(
    orders({ ...VERSIONS, lines: listOf('s:lines/s:line'), skus: listOf('s:lines/s:line/@sku') }),
    'no',
  ).flatMap(({ no, lines, skus }) => {
    const quantities: readonly string[] = JSON.parse(String(lines ?? '[]'));
    const names: readonly string[] = JSON.parse(String(skus ?? '[]'));
    return quantities.map((quantity, n) => ({ no, line: n + 1, sku: names[n], quantity: Number(quantity) }));
  });
