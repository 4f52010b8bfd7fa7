import type { ColumnType, Contract } from '../../shared/model/contract.ts';
import { column, contractOf, table, varchar } from '../shared/xml/documents.ts';
import { HEAD, TAIL, WORK_ITEMS, workItem } from './work-items.ts';

/** Documents of other shapes than work items: what the scanner in front of saxes gains by each, and that it loses nothing where all is hard. */

export interface BenchDocument {
  readonly contract: Contract;
  readonly head: string;
  readonly record: (n: number) => string;
  readonly tail: string;
}

const of = (name: string, path: string, type: ColumnType = varchar(256)) => column(name, path, { type });
const BIGINT: ColumnType = { kind: 'bigint' };
const DECIMAL: ColumnType = { kind: 'decimal', precision: 12, scale: 2 };
const TIME: ColumnType = { kind: 'timestamptz' };

const time = (n: number): string => `2024-0${(n % 9) + 1}-1${n % 10}T0${n % 10}:3${n % 10}:00Z`;

/** Records whose values are attributes, with child rows. */
const attributes: BenchDocument = {
  contract: contractOf([
    table('orders', '/orders/order', [
      of('id', '@id', BIGINT),
      of('customer', '@customer'),
      of('placed', '@placed', TIME),
      of('status', '@status'),
      of('total', '@total', DECIMAL),
    ]),
    table(
      'lines',
      '/orders/order/line',
      [of('sku', '@sku'), of('quantity', '@quantity', BIGINT), of('price', '@price', DECIMAL)],
      { parent: { table: 's.orders', columns: [] } },
    ),
  ]),
  head: '<?xml version="1.0"?>\n<orders>\n',
  record: (n) =>
    `  <order id="${n}" customer="C-${n % 977}" placed="${time(n)}" status="${n % 3 === 0 ? 'open' : 'shipped &amp; billed'}" total="${n % 1000}.50" note="left at the door">
    <line sku="S-${n % 313}" quantity="${n % 7}" price="12.${(n % 90) + 10}"/>
    <line sku="S-${n % 119}" quantity="${n % 5}" price="3.${(n % 90) + 10}"/>
  </order>\n`,
  tail: '</orders>\n',
};

/** Values in nested children that predicates on attributes choose. */
const chosen: BenchDocument = {
  contract: contractOf([
    table('assets', '/assets/asset', [
      of('id', 'id', BIGINT),
      ...['owner', 'place', 'cost', 'state'].map((name) => of(name, `fields/field[@name='${name}']/value`)),
    ]),
  ]),
  head: '<assets>\n',
  record: (n) =>
    `  <asset>\n    <id>${n}</id>\n    <fields>\n${['owner', 'place', 'cost', 'state', 'note', 'other']
      .map(
        (name) =>
          `      <field name="${name}" type="text">\n        <value>${name} ${n % 71}</value>\n      </field>\n`,
      )
      .join('')}    </fields>\n  </asset>\n`,
  tail: '</assets>\n',
};

/** Extensions pivoted by their keys and kept as a map, comments as child rows. */
const extensions: BenchDocument = {
  contract: contractOf([
    table('items', '/workitem/workItem', [
      of('id', 'id', BIGINT),
      of('risk', "allExtensions[key='com.acme.risk']/displayValue"),
      of('area', "allExtensions[key='com.acme.area']/displayValue"),
      column('all', 'allExtensions', {
        type: { kind: 'super' },
        many: 'map',
        keyPath: 'key',
        valuePath: 'displayValue',
      }),
    ]),
    table('comments', '/workitem/workItem/comments', [of('text', 'formatted'), of('by', 'creator/name')], {
      parent: { table: 's.items', columns: [] },
    }),
  ]),
  head: '<workitem>\n',
  record: (n) =>
    `  <workItem>\n    <id>${n}</id>\n${['risk', 'area', 'team', 'cost']
      .map(
        (key) =>
          `    <allExtensions>\n      <key>com.acme.${key}</key>\n      <displayValue>${key} ${n % 53}</displayValue>\n    </allExtensions>\n`,
      )
      .join(
        '',
      )}    <comments>\n      <formatted>seen again on line ${n}</formatted>\n      <creator>\n        <name>user ${n % 31}</name>\n      </creator>\n    </comments>\n  </workItem>\n`,
  tail: '</workitem>\n',
};

/** A namespaced feed of which every fourth record has a CDATA section. */
const namespaced: BenchDocument = {
  contract: contractOf(
    [
      table('entries', '/feed/entry', [
        of('id', 'id'),
        of('title', 'title'),
        of('updated', 'updated', TIME),
        of('author', 'author/name'),
        of('price', 'd:price', DECIMAL),
        of('summary', 'summary', varchar(4096)),
      ]),
    ],
    { namespaces: { default: 'http://www.w3.org/2005/Atom', d: 'urn:d' } },
  ),
  head: '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="urn:d">\n',
  record: (n) =>
    `  <entry>\n    <id>urn:uuid:${n}-4f2a-11ee</id>\n    <title type="text">Release ${n} – ready</title>\n    <updated>${time(n)}</updated>\n    <author>\n      <name>user ${n % 31}</name>\n    </author>\n    <d:price>${n % 100}.25</d:price>\n    <summary>${n % 4 === 0 ? `<![CDATA[<p>Fixed ${n} & more</p>]]>` : `Fixed ${n} &amp; more`}</summary>\n  </entry>\n`,
  tail: '</feed>\n',
};

/** Work items of which each has a comment. */
const hard: BenchDocument = {
  contract: WORK_ITEMS,
  head: HEAD,
  record: (n) => workItem(n).replace(/<summary>(.*)<\/summary>/, '<summary><!-- - -->$1</summary>'),
  tail: TAIL,
};

export const DOCUMENTS: Readonly<Record<string, BenchDocument>> = {
  workItems: { contract: WORK_ITEMS, head: HEAD, record: workItem, tail: TAIL },
  attributes,
  chosen,
  extensions,
  namespaced,
  hard,
};

/** A document of about so many bytes, in chunks. */
export function* documentOf({ head, record, tail }: BenchDocument, bytes: number): Generator<string> {
  let chunk = head;
  let written = 0;
  for (let n = 0; written + chunk.length < bytes; n += 1) {
    chunk += record(n);
    if (chunk.length < 65_536) continue;
    written += chunk.length;
    yield chunk;
    chunk = '';
  }
  yield chunk + tail;
}
