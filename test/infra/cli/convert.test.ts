import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { fakeIo } from './fake-io.ts';

const FEED = `feed: items
source: { s3: {} }
tables:
  shop.items:
    rows: /items/item
    disposition: append
    columns:
      id: bigint
      name: varchar(20)
      note: { path: note, type: varchar(max), empty: keep, trim: false }
  shop.tags:
    rows: /items/item/tag
    disposition: append
    columns: { tag: varchar(20) <- . }
rejects: { atMost: [1, 1%] }
`;

const XML = `<items><item><id>1</id><name>a "b", c</name><note/><tag>x</tag></item>
<item><id>2</id><name>\\N</name><note>tab\tnew
line 😀</note><tag>y</tag><tag>z</tag></item><item><id>x</id></item></items>`;

const CSV = `id,name,note\n1,"a ""b"", c",\n2,"\\N","tab\tnew\nline 😀"\n`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-'));
  await writeFile(join(folder, 'items.yaml'), FEED);
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (argv: readonly string[], stdin: string | Uint8Array = '') => {
  const io = { ...fakeIo({ cwd: folder }), stdin: Readable.from([Buffer.from(stdin)]) };
  const status = await runCommand(['convert', ...argv], io, '0');
  return { status, out: io.out(), err: io.err() };
};

describe('convert', () => {
  test('prints the first table as CSV with a header; null, empty and the marker stay apart', async () => {
    const { status, out, err } = await run(['items.yaml', '-'], XML);
    expect([status, out]).toEqual([0, CSV]);
    expect(err).toContain('rejected: shop.items at stdin line 3, column');
    expect(err).toContain('id <- id: "x" is not an integer');
  });

  test('counts the child rows that went with a rejected row, and no others', async () => {
    const feed = `feed: sets
source: { s3: {} }
tables:
  shop.sets:
    rows: /sets/set[@kind='a']
    key: [name]
    disposition: merge
    columns: { name: varchar(9) <- @name }
  shop.parts:
    parent: { set: name }
    rows: part
    key: [id]
    columns: { id: bigint <- @id }
  shop.notes:
    rows: /sets/set[@kind='a']/part/note
    disposition: merge
    key: [set, part, n]
    columns: { set: varchar(9) <- ../../@name, part: bigint <- ../@id, n: { ordinal: true } }
`;
    await writeFile(join(folder, 'sets.yaml'), feed);
    const part = (id: string) => `<part id="${id}"><note>x</note></part>`;
    const xml = `<sets><set kind="a" name="one">${part('1')}${part('y')}</set><set kind="a">${part('2')}${part('3')}</set>
<set kind="b">${part('4')}</set></sets>`;
    const { status, err } = await run(['sets.yaml', '-'], xml);
    expect(status).toBe(0);
    expect(err).toContain('shop.sets 1 row, shop.parts 1 row, shop.notes 1 row, 2 rows rejected\n');
    expect(err).toContain('warning: 5 child rows of rejected rows were left out\n');
    const whole = await run(['sets.yaml', '-'], `<sets><set kind="a" name="one">${part('1')}</set></sets>`);
    expect(whole.err).not.toContain('left out');
  });

  test('trims each of several matches, and no part, unless the feed says otherwise', async () => {
    const columns = `
      trimmed: { path: a, type: varchar(20), many: join, separator: "," }
      kept: { path: a, type: varchar(20), many: join, separator: ",", trim: false }
      parts: { path: b, type: varchar(20), split: ";", many: join, separator: "," }
      all: { path: b, type: varchar(20), split: ";", many: json, trim: false }`;
    const feed = `feed: many\nsource: { s3: {} }\ntables:\n  s.t:\n    rows: /r/i\n    disposition: append\n    columns:${columns}\n`;
    await writeFile(join(folder, 'many.yaml'), feed);
    const { out } = await run(['many.yaml', '-'], '<r><i><a> x </a><a>y</a><b>p ; q</b></i></r>');
    expect(out).toBe('trimmed,kept,parts,all\n"x,y"," x ,y","p,q","[""p "","" q""]"\n');
  });

  test('reads gzip and zstd by content, from files too', async () => {
    await writeFile(join(folder, 'a.xml'), gzipSync(XML));
    expect(await run(['items.yaml', 'a.xml'])).toMatchObject({ status: 0, out: CSV });
    expect(await run(['items.yaml', '-'], zstdCompressSync(Buffer.from(XML)))).toMatchObject({
      status: 0,
      out: CSV,
    });
  });

  test('prints the table that is asked for, and null as an unquoted marker', async () => {
    const { out } = await run(['items.yaml', '-', '--table', 'shop.tags'], XML);
    expect(out).toBe('tag\nx\ny\nz\n');
    expect((await run(['items.yaml', '-'], '<items><item/></items>')).out).toBe(
      'id,name,note\n\\N,\\N,\\N\n',
    );
  });

  test('writes every table into a folder, and rejected rows where it is told', async () => {
    const { status, out } = await run(['items.yaml', '-', '--out', 'csv', '--rejects', 'rejects.csv'], XML);
    expect([status, out]).toEqual([0, '']);
    expect(await readFile(join(folder, 'csv/shop.items.csv'), 'utf8')).toBe(CSV);
    expect(await readFile(join(folder, 'csv/shop.tags.csv'), 'utf8')).toBe('tag\nx\ny\nz\n');
    expect(await readFile(join(folder, 'rejects.csv'), 'utf8')).toMatch(
      /^.*\nshop\.items,3,stdin,3,\d+,id <- id,"""x"" is not an integer",x\n$/,
    );
  });

  test('fails with the reason, and leaves no file, when the document is cut', async () => {
    const cut = await run(['items.yaml', '-', '--out', 'csv'], XML.slice(0, -9));
    expect(cut.status).toBe(1);
    expect(cut.err).toContain('stdin: the document ends before it is complete');
    expect(await readdir(join(folder, 'csv'))).toEqual([]);
  });

  test('fails when rejects are over both limits, and writes them where asked', async () => {
    const { status, err } = await run(
      ['items.yaml', '-', '--out', 'csv', '--rejects', 'rejects.csv'],
      '<items><item><id>x</id></item><item><id>y</id></item><item><id>3</id></item></items>',
    );
    expect(status).toBe(1);
    expect(err).toContain('stdin has 2 rejects, 66.67% of its rows, allowed 1 reject or 1%: it is over both');
    expect((await readFile(join(folder, 'rejects.csv'), 'utf8')).trimEnd().split('\n')).toHaveLength(3);
    expect(await readdir(join(folder, 'csv'))).toEqual([]);
  });

  test('fails when a table rejected rows and kept none, within both limits too', async () => {
    const { status, out, err } = await run(
      ['items.yaml', '-'],
      '<items><item><id>x</id><tag>y</tag></item></items>',
    );
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/rejected: shop.items at stdin line 1, .* id <- id: "x" is not an integer/);
    expect(err).toContain(
      'stdin has table shop.items with 1 reject and no row kept, allowed at least one row: mend',
    );
  });

  const KEYED = FEED.replace('disposition: append', 'disposition: merge\n    key: [id]').replace(
    / {2}shop\.tags:.*\nrejects/s,
    'rejects',
  );

  test('names the nearest path where a key was nowhere, and offers no null for it', async () => {
    await writeFile(join(folder, 'items.yaml'), KEYED.replace('id: bigint', 'id: bigint <- itemId'));
    const { status, err } = await run(['items.yaml', '-'], '<items><item><itemID>1</itemID></item></items>');
    expect(status).toBe(1);
    expect(err).toMatch(/rejected: shop\.items at .*: id <- itemId: a value is required\n/);
    expect(err).toContain(
      'column shop.items.id: path itemId matched nothing in the document; the nearest there is itemID\n',
    );
    // No row came as far as the columns behind the key: of them nothing is said.
    expect(err).not.toContain('shop.items.name');
    expect(err).toMatch(/mend the path, type or format of the column that is named\n/);
    expect(err).not.toContain('setNull');
  });

  test('offers null where what rejected the rows may be null, and never in place of a key that is no number', async () => {
    const nan = (key: string, score: string) =>
      `<items><item><id>${key}</id><score>${score}</score></item></items>`;
    await writeFile(join(folder, 'items.yaml'), KEYED.replace('name: varchar(20)', 'score: real'));
    const { err } = await run(['items.yaml', '-'], nan('1', 'NaN'));
    expect(err).toMatch(/score <- score: "NaN" .*; write onError: setNull to load null/);
    expect(err).toContain(
      'mend the path, type or format of the column that is named, or write onError: setNull',
    );
    const key = await run(['items.yaml', '-'], nan('NaN', '1'));
    expect(key.err).toContain(
      'id <- id: "NaN" is not a finite number; write type varchar(n) to keep the text',
    );
    expect(key.err).not.toContain('setNull');
  });

  test('ends with what matched nothing, what stands there instead, and what no column reads', async () => {
    const { status, err } = await run(
      ['items.yaml', '-'],
      `<items><title>not in a record</title><item sold="1"><id>1</id><nmae>a</nmae><size><cm>2</cm><cm>3</cm></size>
       <tags>x</tags></item><item><id>2</id><note/></item></items>`,
    );
    expect([status, err]).toEqual([
      0,
      `2 records: shop.items 2 rows, shop.tags 0 rows
column shop.items.name: path name matched nothing in the document; the nearest there is nmae
table shop.tags: rows /items/item/tag matched nothing in the document; the nearest there is /items/item/tags
in the records, read by no column:
  /items/item/size/cm  2
  /items/item/@sold  1
  /items/item/nmae  1
  /items/item/tags  1
this is shop.items alone; another: --table shop.tags; all of them: --out FOLDER
`,
    ]);
  });

  test('ends with 1 when the rows of a table matched nothing, and says what stands there instead', async () => {
    const { status, out, err } = await run(['items.yaml', '-'], '<items><itme><id>1</id></itme></items>');
    expect([status, out]).toEqual([1, 'id,name,note\n']);
    expect(err).toContain(
      'table shop.items: rows /items/item matched nothing in the document; the nearest there is /items/itme',
    );
  });

  test('writes into a pipe that stands at the path, and leaves it there', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [read, { status }] = await Promise.all([
      readFile(pipe, 'utf8'),
      run(['items.yaml', '-', '--rejects', 'pipe'], XML),
    ]);
    expect([status, read.split('\n')[1]]).toEqual([0, expect.stringMatching(/^shop\.items,3,stdin,/)]);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  test('replaces the file that the link at --rejects leads to, not the link, whether it is there or not', async () => {
    await mkdir(join(folder, 'elsewhere'));
    await symlink('elsewhere/rejects.csv', join(folder, 'mine.csv'));
    for (const _ of ['absent', 'there']) {
      expect((await run(['items.yaml', '-', '--rejects', 'mine.csv'], XML)).status).toBe(0);
      expect(await readFile(join(folder, 'elsewhere/rejects.csv'), 'utf8')).toContain('\nshop.items,3,');
      expect((await lstat(join(folder, 'mine.csv'))).isSymbolicLink()).toBe(true);
      await writeFile(join(folder, 'elsewhere/rejects.csv'), 'old');
    }
  });

  test('names what stands in the way of the folder of --out', async () => {
    await writeFile(join(folder, 'file'), '');
    await symlink('nowhere', join(folder, 'dangling'));
    for (const [given, at] of [
      ['file', 'file'],
      ['file/csv', 'file'],
      ['dangling/csv', 'dangling'],
    ]) {
      expect(await run(['items.yaml', '-', '--out', given ?? ''], XML)).toMatchObject({
        status: 2,
        err: `millrace: --out ${given}: the folder ${join(folder, at ?? '')} cannot be made: what is there is no folder\n`,
      });
    }
  });

  test.runIf(process.platform === 'linux')('ends where the system takes no folder', async () => {
    const { status, err } = await run(['items.yaml', '-', '--out', '/proc/csv/items'], XML);
    expect({ status, err }).toMatchObject({
      status: 2,
      err: expect.stringContaining('/proc/csv cannot be made'),
    });
  });

  test('writes through no link or pipe that somebody laid into the folder of --out', async () => {
    await mkdir(join(folder, 'csv'));
    await writeFile(join(folder, 'precious'), 'precious');
    for (const name of ['shop.items.csv', '.shop.items.csv.unfinished', '.shop.tags.csv.unfinished']) {
      await symlink('../precious', join(folder, 'csv', name));
    }
    execFileSync('mkfifo', [join(folder, 'csv/shop.tags.csv')]);
    expect((await run(['items.yaml', '-', '--out', 'csv'], XML)).status).toBe(0);
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('precious');
    expect((await readdir(join(folder, 'csv'))).sort()).toEqual(['shop.items.csv', 'shop.tags.csv']);
    expect(await readFile(join(folder, 'csv/shop.items.csv'), 'utf8')).toBe(CSV);
    expect((await lstat(join(folder, 'csv/shop.tags.csv'))).isFile()).toBe(true);
  });

  test('writes to its own stdout and stderr by the names that shells know', async () => {
    const { status, err } = await run(['items.yaml', '-', '--rejects', '/dev/stderr'], XML);
    expect([status, err]).toEqual([0, expect.stringMatching(/^shop\.items,3,stdin,3,/m)]);
    expect((await run(['items.yaml', '-', '--rejects', '/dev/stdout'], XML)).out).toContain(
      '\nshop.items,3,stdin,3,',
    );
  });

  test('names the path that was given when it cannot be written', async () => {
    await mkdir(join(folder, 'folder'));
    await symlink('loop', join(folder, 'loop'));
    for (const [path, reason] of [
      ['nowhere/rejects.csv', 'ENOENT: no such file or directory'],
      ['folder', 'EISDIR: illegal operation on a directory'],
      ['loop', 'ELOOP: too many symbolic links encountered'],
    ] as const) {
      const { status, err } = await run(['items.yaml', '-', '--rejects', path], XML);
      expect([status, err]).toEqual([
        1,
        expect.stringMatching(`millrace: ${path} cannot be written: ${reason}\n$`),
      ]);
    }
    expect(await readdir(folder)).toEqual(['folder', 'items.yaml', 'loop']);
  });

  test('wrong usage and wrong feed files are told apart from failed work', async () => {
    expect(await run(['items.yaml', '-', '--table', 'shop.x'], XML)).toMatchObject({ status: 2 });
    await writeFile(join(folder, 'bad.yaml'), 'feed: bad\nsurce: {}\n');
    expect((await run(['bad.yaml', '-'], XML)).status).toBe(2);
    expect(await run(['items.yaml', 'missing.xml'])).toMatchObject({
      status: 2,
      err: expect.stringContaining(`missing.xml is not there: tried ${join(folder, 'missing.xml')}`),
    });
    expect(await run(['.', '-'], XML)).toMatchObject({
      status: 2,
      err: '. is a folder, allowed a feed file\n',
    });
  });
});

test.each([
  ['orders', '; did you mean feeds/orders.yaml?\n'],
  ['orders.yaml', '; did you mean feeds/orders.yaml?\n'],
  ['feeds/orders', '; did you mean feeds/orders.yaml?\n'],
  ['items', '; did you mean items.yaml?\n'],
  ['others', '\n'],
  ['connections', '\n'],
])('convert names the file of feed %s where the name alone is given', async (given, hint) => {
  await mkdir(join(folder, 'feeds'));
  await writeFile(join(folder, 'feeds/orders.yaml'), FEED);
  await writeFile(join(folder, 'feeds/connections.yaml'), '{}');
  expect(await run([given, '-'], XML)).toMatchObject({
    status: 2,
    err: `${given} is not there, allowed a feed file: tried ${join(folder, given)}${hint}`,
  });
});

describe('convert with variables in value', () => {
  const write = (source: string, value: string, more = '') =>
    writeFile(
      join(folder, 'items.yaml'),
      `feed: items\nsource: ${source}\n${more}tables:\n  a.b: { rows: /a/b, disposition: append, columns: { x: { type: varchar(99), value: "${value}" } } }\n`,
    );
  const PAGED = '{ http: { url: "http://127.0.0.1/${partition}" } }';
  const PARTITIONS = 'partitions: [{ name: p, kind: k }]\n';

  test('names the input as a file that lands, and when it was written', async () => {
    await write('{ s3: {} }', '${file.name} of ${file.lastModified}');
    await mkdir(join(folder, 'in'));
    await writeFile(join(folder, 'in', 'a b.xml'), '<a><b/></a>');
    await utimes(join(folder, 'in', 'a b.xml'), 0, new Date('2026-02-01T10:00:00.900Z'));
    expect(await run(['items.yaml', 'in/a b.xml'])).toMatchObject({
      status: 0,
      out: 'x\na b.xml of 2026-02-01T10:00:00Z\n',
    });
    expect(
      await run([...['items.yaml', 'in/a b.xml'], ...['--variable', 'file.name=other=1.xml']]),
    ).toMatchObject({ status: 0, out: 'x\nother=1.xml of 2026-02-01T10:00:00Z\n' });
  });

  test('takes from --variable what only a run knows, and a value from its partition', async () => {
    await write(PAGED, '${partition} ${partition.kind} ${page.url}', PARTITIONS);
    const given = ['--variable', 'partition=p', '--variable', 'page.url=u'];
    expect(await run(['items.yaml', '-', ...given], '<a><b/></a>')).toMatchObject({
      status: 0,
      out: 'x\np k u\n',
    });
  });

  test.each([
    [
      'what is not given',
      '${page.url}',
      [],
      '${page.url} of a.b.x is known in a run only, allowed here with --variable page.url=TEXT',
    ],
    [
      'what no column reads',
      '${page.url}',
      ['--variable', 'window.to=1'],
      '--variable window.to: no column reads it, allowed page.url',
    ],
    [
      'a partition that is none',
      '${partition.kind}',
      ['--variable', 'partition=z'],
      '--variable partition=z: feed items has none of that name, allowed p',
    ],
    ['a text without a name', '${page.url}', ['--variable', 'x'], '--variable takes NAME=TEXT, got "x"'],
    [
      'a variable where no column has one',
      'fixed',
      ['--variable', 'a=b'],
      '--variable a: no column reads it, allowed none: no value has a variable',
    ],
  ])('refuses %s', async (_, value, given, message) => {
    await write(PAGED, value, PARTITIONS);
    const { status, out, err } = await run(['items.yaml', '-', ...given], '<a><b/></a>');
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  test('refuses the time of stdin, which has none', async () => {
    await write('{ s3: {} }', '${file.lastModified}');
    const { status, err } = await run(['items.yaml', '-'], '<a><b/></a>');
    expect(status).toBe(2);
    expect(err).toContain('allowed here with --variable file.lastModified=TEXT');
  });
});
