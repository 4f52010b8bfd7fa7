import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCsv } from '../shared/csv/read-csv.ts';
import { type Folder, openFolder } from './support/folder.ts';

/** `millrace convert`, as a user pipes documents through it. */

const FEED = `feed: notes
source: { s3: {} }
namespaces: { n: "urn:notes" }
tables:
  desk.notes:
    rows: /n:notes/n:note
    disposition: append
    columns:
      id: integer <- @id
      body: { path: "n:body", type: varchar(max), empty: keep, trim: false }
      plain: varchar(40) <- n:plain
  desk.tags:
    rows: /n:notes/n:note/n:tag
    disposition: append
    columns: { note: integer <- ../@id, tag: varchar(40) <- . }
`;

/** Bodies that a CSV can lose or merge: each is what its note has to come out as. */
const BODIES: readonly (readonly [xml: string, value: string | null])[] = [
  ['<q:body>a "quoted", and; a | pipe</q:body>', 'a "quoted", and; a | pipe'],
  ['<q:body>two\nlines,\r\nthree\ttabs</q:body>', 'two\nlines,\nthree\ttabs'],
  ['<q:body>&lt;&amp;&gt;&quot;&apos;&#65;&#x1D50A;</q:body>', '<&>"\'A𝔊'],
  ['<q:body>a<![CDATA[<b>&amp;]]>c<!-- not this -->d<?nor this?>e</q:body>', 'a<b>&amp;cde'],
  ['<q:body/>', ''],
  ['<q:body></q:body>', ''],
  ['', null],
  ['<q:body xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>', null],
  ['<q:body>\\N</q:body>', '\\N'],
  ['<q:body> \\N </q:body>', ' \\N '],
  ['<q:body>NULL</q:body>', 'NULL'],
  ['<q:body>"</q:body>', '"'],
  ['<q:body>ü é ÿ</q:body>', 'ü é ÿ'],
];

const notes = (encoding: string): string =>
  `<?xml version="1.0" encoding="${encoding}"?>\n<q:notes xmlns:q="urn:notes">${BODIES.map(
    ([body], i) =>
      `<q:note id="${i}">${body}<q:plain> ${i === 0 ? '' : 'x'} </q:plain><q:tag>t${i}</q:tag></q:note>`,
  ).join('\n')}</q:notes>`;

const EXPECTED = BODIES.map(([, value], i) => [String(i), value, i === 0 ? null : 'x']);
const UTF8 = notes('UTF-8');

let folder: Folder;
beforeAll(() => {
  folder = openFolder();
  folder.write('notes.yaml', FEED);
});
afterAll(() => folder.remove());

const convert = async (stdin: string | Uint8Array, ...more: readonly string[]) =>
  folder.millrace(['convert', 'notes.yaml', '-', ...more], { stdin });

/** Header and rows; null where the field is an unquoted marker. */
const rowsOf = (csv: string): readonly (readonly (string | null)[])[] => readCsv(csv, '\\N');

describe('convert', () => {
  it.each<[string, Uint8Array]>([
    ['UTF-8', Buffer.from(UTF8)],
    ['UTF-8 with a byte order mark, compressed by gzip', gzipSync(`\ufeff${UTF8}`)],
    ['UTF-8, compressed by zstd', zstdCompressSync(UTF8)],
    ['UTF-16', Buffer.from(`\ufeff${notes('UTF-16')}`, 'utf16le')],
    ['UTF-16, the big end first', Buffer.from(`\ufeff${notes('UTF-16')}`, 'utf16le').swap16()],
    ['ISO-8859-1', Buffer.from(notes('ISO-8859-1'), 'latin1')],
  ])('keeps every character, and null, empty and absent apart, from %s', async (_, bytes) => {
    const { status, out, err } = await convert(bytes);
    expect([status, err]).toEqual([
      0,
      '13 records: desk.notes 13 rows, desk.tags 13 rows\nthis is desk.notes alone; another: --table desk.tags; all of them: --out FOLDER\n',
    ]);
    expect(rowsOf(out)).toEqual([['id', 'body', 'plain'], ...EXPECTED]);
  });

  it('reads characters of four bytes wherever the reading of a file cuts them', async () => {
    const body = '𝔐'.repeat(16_000);
    const all = Array.from({ length: 30 }, (_, i) => `${'.'.repeat(i % 4)}${body}`);
    const xml = all.map((one, i) => `<n:note id="${i}"><n:body>${one}</n:body></n:note>`).join('');
    folder.write('long.xml', `<n:notes xmlns:n="urn:notes">${xml}</n:notes>`);
    const { status, out } = await folder.millrace(['convert', 'notes.yaml', 'long.xml']);
    expect(status).toBe(0);
    expect(out === `id,body,plain\n${all.map((one, i) => `${i},${one},\\N\n`).join('')}`).toBe(true);
  });

  it('writes every table, or the one that is named', async () => {
    expect(await convert(UTF8, '--out', 'csv')).toMatchObject({ status: 0, out: '' });
    expect(readdirSync(join(folder.path, 'csv')).sort()).toEqual(['desk.notes.csv', 'desk.tags.csv']);
    const tags = [['note', 'tag'], ...BODIES.map((_, i) => [String(i), `t${i}`])];
    expect(rowsOf(readFileSync(join(folder.path, 'csv/desk.tags.csv'), 'utf8'))).toEqual(tags);
    expect(rowsOf((await convert(UTF8, '--table', 'desk.tags')).out)).toEqual(tags);
  });

  it.each<[string, string, RegExp]>([
    [
      'cut',
      UTF8.slice(0, 900),
      /^millrace: stdin: the document ends before it is complete.* at line \d+, column \d+$/m,
    ],
    [
      'malformed',
      UTF8.replace('</q:tag>', '</q:tug>'),
      /^millrace: stdin: unexpected close tag, expected <\/q:tag> at line 2/m,
    ],
    ['of another root', '<html><body/></html>', /^millrace: stdin: root is <html>, expected <n:notes>/m],
  ])('ends with 1 and the place, and writes no table, where the document is %s', async (_, xml, said) => {
    const { status, err } = await convert(xml, '--out', 'failed', '--rejects', 'rejects.csv');
    expect(status).toBe(1);
    expect(err).toMatch(said);
    expect(readdirSync(join(folder.path, 'failed'))).toEqual([]);
    expect(readdirSync(folder.path)).not.toContain('rejects.csv');
  });

  it('lists rejected rows with place and reason, and goes on', async () => {
    const xml = UTF8.replace('id="3"', 'id="three"');
    const { status, out, err } = await convert(xml, '--rejects', 'rejects.csv');
    expect(status).toBe(0);
    expect(err).toMatch(
      /^rejected: desk\.notes at stdin line \d+, column \d+: id <- @id: "three" is not an integer$/m,
    );
    expect(rowsOf(out)).toHaveLength(BODIES.length);
    const [header, row] = rowsOf(readFileSync(join(folder.path, 'rejects.csv'), 'utf8'));
    expect(header).toEqual(['table', 'row', 'place', 'line', 'column', 'path', 'reason', 'raw']);
    expect(row?.slice(0, 3)).toEqual(['desk.notes', '4', 'stdin']);
    expect(row?.at(-1)).toBe('three');
  });
});
