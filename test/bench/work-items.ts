import type { ColumnType, Contract } from '../../shared/model/contract.ts';
import { column, contractOf, table, varchar } from '../shared/xml/documents.ts';

/** A page of work items as a Reportable REST service writes it, of any length, the same for the same number. */

const WORDS =
  'login page fails after timeout when the session token expires during upload of large attachments in the quarterly report'.split(
    ' ',
  );

const words = (seed: number, count: number): string => {
  let text = '';
  for (let n = 0; n < count; n += 1)
    text += `${n === 0 ? '' : ' '}${WORDS[(seed * 7 + n * 13) % WORDS.length]}`;
  return text;
};

const uuid = (n: number): string => `_${(n * 2654435761).toString(36).padStart(10, 'A')}Ee6Kz9xQ`;
const time = (n: number): string =>
  `2024-${String((n % 12) + 1).padStart(2, '0')}-${String((n % 28) + 1).padStart(2, '0')}T${String(n % 24).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:50.${String(n % 1000).padStart(3, '0')}+0000`;

const named = (tag: string, n: number): string =>
  `    <${tag}>\n      <itemId>${uuid(n)}</itemId>\n      <name>${words(n, 2)}</name>\n    </${tag}>\n`;

/** One work item, about 1,300 bytes; a fourth of the summaries need quotes as CSV. */
export const workItem = (n: number): string =>
  `  <workItem>
    <itemId>${uuid(n)}</itemId>
    <id>${n + 1}</id>
    <summary>${words(n, 9)}${n % 4 === 0 ? ', "again"' : ''} &amp; ${n}</summary>
    <created>${time(n)}</created>
    <modified>${time(n + 5)}</modified>
    <dueDate/>
    <duration>${(n % 40) * 3_600_000}</duration>
    <archived>${n % 17 === 0}</archived>
${named('state', n % 7)}${named('type', n % 5)}${named('severity', n % 4)}${named('priority', n % 3)}${named('owner', n % 211)}${named('creator', n % 97)}${named('category', n % 31)}    <target>
      <name>${words(n, 1)} ${n % 12}</name>
      <id>v${n % 12}</id>
    </target>
    <cost>${n % 1000}.${n % 10}0</cost>
    <allExtensions>
      <key>com.acme.risk</key>
      <displayValue>${words(n, 1)}</displayValue>
    </allExtensions>
  </workItem>
`;

export const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<workitem Version="1.0.0" rel="next" href="https://jazz.example/next?id=1&amp;pos=2">\n';
export const TAIL = '</workitem>\n';

/** The document of so many work items, in chunks of about 64 KiB. */
export function* workItems(count: number): Generator<string> {
  let chunk = HEAD;
  for (let n = 0; n < count; n += 1) {
    chunk += workItem(n);
    if (chunk.length >= 65_536) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk + TAIL;
}

const of = (name: string, path: string, type: ColumnType = varchar(256)) => column(name, path, { type });

/** 18 columns of a work item. */
export const WORK_ITEMS: Contract = contractOf(
  [
    table('work_items', '/workitem/workItem', [
      of('item_id', 'itemId', varchar(64)),
      of('id', 'id', { kind: 'bigint' }),
      of('summary', 'summary', varchar(1024)),
      of('created', 'created', { kind: 'timestamptz' }),
      of('modified', 'modified', { kind: 'timestamptz' }),
      of('due_date', 'dueDate', { kind: 'timestamptz' }),
      of('duration', 'duration', { kind: 'bigint' }),
      of('archived', 'archived', { kind: 'boolean' }),
      of('state', 'state/name'),
      of('type', 'type/name'),
      of('severity', 'severity/name'),
      of('priority', 'priority/name'),
      of('owner', 'owner/name'),
      of('creator', 'creator/name'),
      of('category', 'category/name'),
      of('target', 'target/name'),
      of('cost', 'cost', { kind: 'decimal', precision: 12, scale: 2 }),
      of('risk', "allExtensions[key='com.acme.risk']/displayValue"),
    ]),
  ],
  { cursor: 'modified' },
);
