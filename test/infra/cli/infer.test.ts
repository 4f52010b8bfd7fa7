import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { fakeIo } from './fake-io.ts';

const XML = '<items><item><id>1</id><name>a</name></item><item><id>2</id><name>b</name></item></items>';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infer-'));
  await writeFile(join(folder, 'Daily Items.xml'), XML);
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (argv: readonly string[], stdin: string | Uint8Array = '', env = {}) => {
  const io = { ...fakeIo({ cwd: folder, env }), stdin: Readable.from([Buffer.from(stdin)]) };
  const status = await runCommand(['infer', ...argv], io, '0');
  return { status, out: io.out(), err: io.err() };
};

describe('infer', () => {
  test('prints a feed that is named after the file', async () => {
    const { status, out, err } = await run(['Daily Items.xml']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('feed: daily_items\n');
    expect(out).toContain('  s3: {}');
    expect(out).toContain(
      '  daily_items.item:\n    rows: "/items/item"\n    disposition: merge\n    key: [id]',
    );
  });

  test.each([
    ['plain', Buffer.from(XML)],
    ['gzip', gzipSync(XML)],
    ['zstd', zstdCompressSync(XML)],
  ])('reads stdin, %s by its content', async (_, bytes) => {
    const { status, out } = await run(['-', '--feed', 'things'], bytes);
    expect(status).toBe(0);
    expect(out).toContain('feed: things\n');
    expect(out).toContain('things.item:');
  });

  test('prints nothing but the place where the document is broken', async () => {
    const { status, out, err } = await run(['-'], '<items><item></items>');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toBe('millrace: stdin: unexpected close tag, expected </item> at line 1, column 21\n');
  });

  test.each([
    [['nowhere.xml'], 'nowhere.xml is not there'],
    [['Daily Items.xml', '--param', 'a=b'], '--param goes with a URL, got Daily Items.xml'],
    [['http://192.0.2.1/a.xml'], 'allowed https://…'],
    [['https://a.example/x', '--param', 'size'], '--param size: allowed k=v, as in --param size=100'],
    [['-', '--feed', 'No'], '--feed No: allowed a lower-case letter'],
    [['/a', '--connection', 'jazz'], '--connection jazz: allowed none: connections.yaml has none'],
    [[], 'infer takes SAMPLE or URL, got none'],
  ])('refuses %j', async (argv, message) => {
    const { status, out, err } = await run(argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
  });

  test('fetches a URL with its parameters, and prints them as the source', async () => {
    const source = await loopbackSource((_, response) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(XML);
    });
    const { status, out, err } = await run([
      `${source.origin}/rpt/items?a=1%202`,
      '--param',
      'b=x&y',
      '--param',
      'a=3',
    ]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(source.requests).toEqual(['GET /rpt/items?a=1%202&b=x%26y&a=3']);
    expect(out).toContain(
      `    url: "${source.origin}/rpt/items"\n    params:\n      "a": ["1 2", "3"]\n      "b": "x&y"\n`,
    );
    expect(out).toContain('disposition: merge');
  });

  test('writes how the server goes on, and preview reads its second page by that', async () => {
    const source = await loopbackSource((request, response) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      const isFirst = request.url?.includes('after=') !== true;
      response.end(isFirst ? XML.replace('<items', '<items next="/rpt/items?after=2"') : XML);
    });
    const { status, out } = await run([`${source.origin}/rpt/items`]);
    expect(status).toBe(0);
    expect(out).toContain('    next: { url: "/items/@next" }\n');
    await writeFile(join(folder, 'items.yaml'), out);
    const io = fakeIo({ cwd: folder });
    expect(await runCommand(['preview', 'items.yaml'], io, '0')).toBe(0);
    expect(io.out()).toContain('4 records: ');
    expect(source.requests.slice(1)).toEqual(['GET /rpt/items', 'GET /rpt/items?after=2']);
  });

  test('fetches by a connection, with its secret of this machine', async () => {
    const seen: (string | undefined)[] = [];
    const source = await loopbackSource((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(XML);
    });
    await mkdir(join(folder, 'feeds'));
    await writeFile(
      join(folder, 'feeds', 'connections.yaml'),
      `shop:\n  baseUrl: ${source.origin}\n  auth: { kind: bearer, secret: shop/token }\n`,
    );
    const env = { MILLRACE_SECRETS: JSON.stringify({ 'shop/token': { token: 'sesame-open' } }) };
    const { status, out, err } = await run(['/v1/items', '--connection', 'shop'], '', env);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(seen).toEqual(['Bearer sesame-open']);
    expect(out).toContain('    connection: "shop"\n    path: "/v1/items"\n');
    expect(out).not.toContain('sesame');
    const missing = await run(['/v1/items', '--connection', 'shop']);
    expect(missing.status).toBe(1);
    expect(missing.err).toContain('secret "shop/token" is not among those of this machine');
    const other = await run(['https://elsewhere.example/x', '--connection', 'shop']);
    expect(other.status).toBe(2);
    expect(other.err).toContain(
      `allowed with --connection shop a path such as /a/b, or a URL below ${source.origin}`,
    );
  });

  test('asks Jazz for its schema, and reads there what may repeat and what is a text', async () => {
    const page =
      '<workitem Version="1"><workItem><id>1</id><tag>12</tag><comments><content>x</content></comments></workItem></workitem>';
    const schema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="workitem"><xs:complexType><xs:sequence>
<xs:element name="workItem" maxOccurs="unbounded" type="WorkItem"/></xs:sequence></xs:complexType></xs:element>
<xs:complexType name="WorkItem"><xs:choice maxOccurs="unbounded"><xs:element name="dueDate" type="xs:time"/></xs:choice><xs:sequence>
<xs:element name="id" type="xs:integer"/><xs:element name="tag" type="xs:string"/>
<xs:element name="comments" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:element name="content" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:schema>`;
    const source = await loopbackSource((request, response) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(request.url?.includes('metadata=schema') === true ? schema : page);
    });
    const { status, out, err } = await run([`${source.origin}/rpt/repository/workitem`, '--param', 'size=1']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(source.requests).toEqual([
      'GET /rpt/repository/workitem?size=1',
      'GET /rpt/repository/workitem?metadata=schema',
    ]);
    expect(out).toContain('      id: bigint #');
    expect(out).toContain('      tag: varchar(32) #');
    expect(out).toContain('  workitem.comments:\n    parent: { work_item_id: id }\n');
    expect(out).toContain('# /workitem/workItem: in the schema, and not in the sample: dueDate\n');
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['is busy', (response) => response.writeHead(503).end()],
    [
      'breaks off',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/xml', 'content-length': XML.length });
        response.write(XML.slice(0, 40), () => response.destroy());
      },
    ],
  ])('asks a server again that %s, and counts no record twice', async (_, fail) => {
    const source = await loopbackSource((_request, response, n) => {
      if (n === 1) return fail(response);
      response.writeHead(200, { 'content-type': 'application/xml' }).end(XML);
    });
    const io = fakeIo({ cwd: folder });
    expect(await runCommand(['infer', `${source.origin}/rpt/items`], io, '0')).toBe(0);
    expect({ slept: io.slept, requests: source.requests.length }).toEqual({ slept: [1000], requests: 2 });
    expect(io.err()).toContain('; try 2 of 4 in 1 s\n');
    expect(io.out()).toContain('# 2 elements /items/item\n');
  });

  test('goes on without a schema that the server does not give', async () => {
    const source = await loopbackSource((request, response) => {
      const isSchema = request.url?.includes('metadata=schema') === true;
      response.writeHead(isSchema ? 404 : 200, { 'content-type': 'application/xml' });
      response.end('<workitem Version="1"><workItem><id>1</id></workItem></workitem>');
    });
    const { status, out, err } = await run([`${source.origin}/rpt/repository/workitem`]);
    expect(status).toBe(0);
    expect(err).toContain('the schema was not read: ');
    expect(out).toContain('id: bigint');
  });
});
