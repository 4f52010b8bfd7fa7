import { describe, expect, it } from 'vitest';
import { parseFeed } from '../../../shared/feed/parse-feed.ts';
import { inferFeed } from '../../../shared/infer/infer-feed.ts';
import { INFER_LIMITS } from '../../../shared/infer/limits.ts';
import { readShape } from '../../../shared/infer/read-shape.ts';
import { expectLinear } from '../../fakes/linear-cost.ts';
import { chunksOf, infer, inferText } from './inferred.ts';

/** What is expected of a document: lines that the feed has, rows by table. */
interface Case {
  readonly shape: string;
  readonly xml: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly has: readonly (string | RegExp)[];
}

const JAZZ = `<workitem Version="1.0.0" rel="next" href="https://jazz.example/next">
<workItem><itemId>_a</itemId><id>7</id><modified>2024-05-22T12:12:50.351-0600</modified><state><name>New</name></state>
<owner/><comments><content>x</content></comments><comments><content>y</content></comments></workItem></workitem>`;

const CASES: readonly Case[] = [
  {
    shape: 'Jazz Reportable REST with one record',
    xml: JAZZ,
    rows: { 'sample.work_item': 1, 'sample.comments': 2 },
    has: [
      'rows: "/workitem/workItem"',
      /key: \[item_id\] # in the only row; one row shows no repetition; also id/,
      /sequence: \[modified\]/,
      'modified: timestamptz # 1 of 1 row',
      `next: { url: "/workitem[@rel='next']/@href" }`,
      'parent: { item_id: item_id }',
      '# /workitem/workItem/owner: always empty',
      '# /workitem/@Version: outside the records, 1 value',
    ],
  },
  {
    shape: 'records in attributes',
    xml: '<rows><row id="1" name="a"/><row id="2" name="a"/><row id="3" name="b"/></rows>',
    rows: { 'sample.row': 3 },
    has: [
      'key: [id]',
      'id: bigint <- @id # 3 of 3 rows, all distinct',
      'name: varchar(32) <- @name # 3 of 3 rows, at most 1 byte',
    ],
  },
  {
    shape: 'a few records whose key is a standard number',
    xml: '<books><book isbn="978-1"><title>a</title><review stars="5">a</review><review stars="4"/></book><book isbn="978-2"><title>b</title><review stars="1">c</review></book></books>',
    rows: { 'sample.book': 2, 'sample.review': 3 },
    has: ['key: [isbn] # in each of 2 rows, all distinct', 'parent: { book_isbn: isbn }'],
  },
  {
    shape: 'records without a key',
    xml: '<books><book tag="978-1"><title>a</title><review stars="5">a</review><review stars="4"/></book></books>',
    rows: { 'sample.book': 1, 'sample.review': 2 },
    has: [
      'disposition: append # each file adds its rows; merge needs a key,',
      '# its rows do not say whose they are: with a key, sample.book can be their parent',
    ],
  },
  {
    shape: 'several record types',
    xml: '<r><team><id>1</id></team><area><id>5</id><n>x</n></area><area><id>6</id><n>y</n></area><team><id>2</id></team></r>',
    rows: { 'sample.area': 2, 'sample.team': 2 },
    has: ['rows: "/r/area"', 'rows: "/r/team"'],
  },
  {
    shape: 'a key and value list',
    xml: '<r><i><id>1</id><p name="a">x</p><p name="b">y</p></i><i><id>2</id><p name="a">z</p></i></r>',
    rows: { 'sample.i': 2 },
    has: [
      'p: { path: "p", type: "super", many: "map", keyPath: "@name", valuePath: "." } # 3 keys with values',
    ],
  },
  {
    shape: 'a list with a key twice, which is no map',
    xml: '<r><i><id>1</id><p name="a">x</p><p name="a">y</p></i><i><id>2</id></i></r>',
    rows: { 'sample.i': 2, 'sample.p': 2 },
    has: ['rows: "p"'],
  },
  {
    shape: 'an Atom feed with one entry and several links',
    xml: `<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><link rel="self" href="a"/><link rel="next" href="b"/>
<entry><id>e1</id><updated>2024-05-22T12:12:50Z</updated><title>T</title></entry></feed>`,
    rows: { 'sample.entry': 1 },
    has: [
      '"default": "http://www.w3.org/2005/Atom"',
      `next: { url: "/feed/link[@rel='next']/@href" }`,
      'sequence: [updated]',
    ],
  },
  {
    shape: 'OData in Atom',
    xml: `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:m="urn:m" xmlns:d="urn:d"><entry><id>1</id><content type="application/xml">
<m:properties><d:Price m:type="Edm.Decimal">1.50</d:Price></m:properties></content></entry></feed>`,
    rows: { 'sample.entry': 1 },
    has: [
      'decimal(9,4) <- content/m:properties/d:Price',
      'content_properties_price_type: varchar(32) <- content/m:properties/d:Price/@m:type',
    ],
  },
  {
    shape: 'OAI-PMH',
    xml: `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request verb="ListRecords">u</request><ListRecords>
${[1, 2, 3, 4, 5].map((n) => `<record><header><identifier>oai:${n}</identifier><datestamp>2024-05-22T12:12:50Z</datestamp></header></record>`).join('')}
<resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>`,
    rows: { 'sample.record': 5 },
    has: [
      'next: { token: "/OAI-PMH/ListRecords/resumptionToken", param: resumptionToken, keep: [verb] }',
      'sequence: [header_datestamp]',
    ],
  },
  {
    shape: 'RSS',
    xml: `<rss version="2.0"><channel><title>c</title><item><guid>1</guid><pubDate>Tue, 05 Mar 2024 10:00:00 GMT</pubDate></item></channel></rss>`,
    rows: { 'sample.item': 1 },
    has: ['pub_date: { path: "pubDate", type: "timestamptz", format: "rfc822" }', 'key: [guid]'],
  },
  {
    shape: 'SOAP',
    xml: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><t>1</t></s:Header><s:Body><Get xmlns="urn:g"><count>2</count>
<row><id>1</id><n>a</n></row><row><id>2</id><n>b</n></row></Get></s:Body></s:Envelope>`,
    rows: { 'sample.row': 2 },
    has: ['rows: "/s:Envelope/s:Body/Get/row"', /ns1|default/],
  },
  {
    shape: 'a JUnit report',
    xml: `<testsuites><testsuite name="a" tests="2"><testcase name="x" time="0.5"/><testcase name="y" time="1.25"><failure message="m">at z</failure></testcase></testsuite>
<testsuite name="b" tests="1"><testcase name="x" time="3"/></testsuite></testsuites>`,
    rows: { 'sample.testsuite': 2, 'sample.testcase': 3 },
    has: [
      'time: decimal(9,4) <- @time',
      'failure: varchar(32) # 1 of 3 rows',
      'failure_message: varchar(32) <- failure/@message',
    ],
  },
  {
    shape: 'mixed content',
    xml: '<r><i><id>1</id><d>Hello <b>you</b></d></i><i><id>2</id><d>plain</d></i></r>',
    rows: { 'sample.i': 2 },
    has: ['d: { path: "d", type: "varchar(32)", as: "text" }'],
  },
  {
    shape: 'elements within themselves',
    xml: '<r><o id="1"><o id="2"><o id="3"/></o></o><o id="4"/></r>',
    rows: { 'sample.o': 2 },
    has: [/o: \{ path: "o", type: "varchar\(\d+\)", as: "xml" \} # 1 element: stands within itself/],
  },
  {
    shape: 'names that the warehouse keeps, or that are none there',
    xml: '<r><i oid="1" _row="2" null="3" Straße="4" order.No="5" a="6"/><i oid="2" _row="2" null="3" Straße="4" order.No="5" a="6"/></r>',
    rows: { 'sample.i': 2 },
    has: [
      'oid_2: bigint <- @oid',
      'row: bigint <- @_row',
      '"null": bigint <- @null',
      'order_no: bigint <- @order.No',
    ],
  },
  {
    shape: 'elements in a namespace and in none',
    xml: '<r xmlns="urn:r"><i xmlns=""><id>1</id></i><i xmlns=""><id>2</id></i></r>',
    rows: { 'sample.i': 2 },
    has: ['"ns1": "urn:r"', 'rows: "/ns1:r/i"'],
  },
  {
    shape: 'one prefix for two namespaces',
    xml: '<r><i><p:a xmlns:p="urn:1">1</p:a><p:a xmlns:p="urn:2">2</p:a></i><i/></r>',
    rows: { 'sample.i': 2 },
    has: ['"p": "urn:1"', '"ns1": "urn:2"', 'a: bigint <- p:a', 'a_2: bigint <- ns1:a'],
  },
  {
    shape: 'elements that are nil',
    xml: '<r xmlns:x="http://www.w3.org/2001/XMLSchema-instance"><i><n x:nil="true"/></i><i><n>2</n></i></r>',
    rows: { 'sample.i': 2 },
    has: ['n: bigint # 1 of 2 rows'],
  },
  {
    shape: 'one record alone, in a wrapper',
    xml: '<r><order><id>1</id><total>9.90</total></order></r>',
    rows: { 'sample.order': 1 },
    has: ['rows: "/r/order"'],
  },
];

describe('a feed is inferred', () => {
  it.each(CASES)('of $shape', async ({ xml, rows, has }) => {
    const { text, rows: found, rejects } = await infer(xml);
    expect(rejects).toEqual([]);
    expect(Object.fromEntries(Object.entries(found).map(([table, all]) => [table, all.length]))).toEqual(
      rows,
    );
    for (const line of has) expect(text).toMatch(line);
  });

  it.each([
    ['leading zeros', ['007', '123'], 'varchar(32)'],
    ['a plus', ['+49', '49'], 'varchar(32)'],
    ['integers', ['1', '-5', '0'], 'bigint'],
    ['integers too long for a bigint', ['99999999999999999999', '1'], 'varchar(64)'],
    ['decimals', ['1', '2.50'], 'decimal(9,4)'],
    ['exponents', ['1.5e3', '2.5'], 'double precision'],
    ['words of a boolean', ['true', 'False'], 'boolean'],
    ['other words for a boolean', ['yes', 'no'], 'varchar(32)'],
    ['ones and zeros', ['1', '0'], 'bigint'],
    ['days', ['2024-02-29', '2024-01-01'], 'date'],
    ['days that the calendar has not', ['2024-02-30', '2024-01-01'], 'varchar(32)'],
    ['times with an offset', ['2024-05-22T12:12:50Z', '2024-05-22T12:12:50.351-0600'], 'timestamptz'],
    ['times without one', ['2024-05-22T12:12:50', '2024-05-22 12:12'], 'timestamp'],
    ['times with and without one', ['2024-05-22T12:12:50Z', '2024-05-22T12:12:50'], 'varchar(64)'],
    ['characters of two bytes', ['ä'.repeat(40), 'x'], 'varchar(256)'],
    ['a long text', ['x'.repeat(50_000), 'y'], 'varchar(max)'],
  ])('with a type for %s', async (_, values, type) => {
    const { text } = await infer(`<r>${values.map((value) => `<i><v>${value}</v></i>`).join('')}</r>`);
    expect(text).toMatch(new RegExp(`v: ${type.replace(/[()]/g, '\\$&')} #`));
  });

  it('keeps versions as texts, since 1.10 is not 1.1', async () => {
    expect(await inferText('<r><i version="1.10"/><i version="1.1"/></r>')).toContain(
      'version: varchar(32) <- @version',
    );
  });

  it('refuses a sample that has no record, and one that is an HTML page', async () => {
    await expect(inferText('<workitem Version="1.0.0"/>')).rejects.toThrow(
      'sample.xml: its root is <workitem>, and there is no record in it; give a sample that has at least one',
    );
    await expect(inferText('<a/>')).rejects.toThrow('there is no record in it');
    await expect(inferText('')).rejects.toThrow('the document is empty');
    await expect(inferText('<html><body/></html>')).rejects.toThrow('an HTML page');
    await expect(inferText('<a><b></a>')).rejects.toThrow(
      'unexpected close tag, expected </b> at line 1, column 10',
    );
  });

  it('prints no value of the sample', async () => {
    const text = await inferText(
      '<r><i><id>secret1</id><t>hush2</t></i><i><id>secret3</id><t a="hush4">x</t></i></r>',
    );
    expect(text).not.toMatch(/secret|hush/);
  });
});

describe('the limits of a sample', () => {
  const records = (n: number): string =>
    `<r>${Array.from({ length: n }, (_, at) => `<i><id>${at}</id><g>${at % 7}</g></i>`).join('')}</r>`;

  it('tell that distinctness was seen in a sample of the values', async () => {
    const { text } = await infer(records(500), { ...INFER_LIMITS, keptValues: 100 });
    expect(text).toMatch(
      /key: \[id\] # in each of 500 rows, all distinct in a sample of one value in (8|16)\n/,
    );
  });

  it('tell that paths are not told apart', async () => {
    const xml = `<r>${Array.from({ length: 60 }, (_, at) => `<i><id>${at}</id><a${at}>1</a${at}></i>`).join('')}</r>`;
    const { text, rejects } = await infer(xml, { ...INFER_LIMITS, places: 20 });
    expect(rejects).toEqual([]);
    expect(text).toContain('not told apart, over 20 paths of one document');
  });

  it('leave out tables and columns over what one load takes', async () => {
    const lists = Array.from({ length: 30 }, (_, at) => `<l${at} a="1"/><l${at} a="2"/>`).join('');
    const many = await infer(`<r><i id="1">${lists}</i><i id="2">${lists}</i></r>`);
    expect(many.rejects).toEqual([]);
    expect(many.text).toContain('would be a table too many, so its markup is kept');
    const names = Array.from({ length: 1000 }, (_, at) => `a_long_name_of_an_attribute_${at}="${at}"`).join(
      ' ',
    );
    const wide = await infer(`<r><i ${names}/><i ${names}/></r>`);
    expect(wide.rejects).toEqual([]);
    expect(wide.text).toMatch(/values more, over the \d+ columns of one table/);
  });

  it('make twice the document cost no more than twice', async () => {
    await expectLinear(2000, (size) => {
      const xml = Buffer.from(records(size));
      return () => readShape(chunksOf(xml), { place: 'sample.xml' });
    });
  });

  it('hold for many paths and deep ones too', async () => {
    await expectLinear(1000, (size) => {
      const xml = Buffer.from(
        `<r>${Array.from({ length: size }, (_, at) => `<n${at}><a><b/></a></n${at}>`).join('')}</r>`,
      );
      const check = (text: string) =>
        parseFeed(text, { file: 's.yaml', connections: new Map(), allowLoopback: true });
      return async () => {
        const shape = await readShape(chunksOf(xml), { place: 'sample.xml' });
        expect(() => inferFeed(shape, { feed: 's', sample: 's', source: { kind: 's3' }, check })).toThrow(
          'no record',
        );
      };
    });
  });
});
