import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { fakeIo } from './fake-io.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-'));
  path = join(folder, '.millrace', 'secrets.json');
  await mkdir(join(folder, 'feeds'));
  await writeFile(
    join(folder, 'feeds', 'connections.yaml'),
    `jazz:
  baseUrl: https://jazz.example.com
  auth: { kind: jazz, secret: millrace/jazz }
  tls: { caSecret: millrace/ca }
api: { baseUrl: "https://api.example.com", auth: { kind: bearer, secret: api } }
`,
  );
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (argv: readonly string[], stdin: Readable, env = {}) => {
  const io = { ...fakeIo({ cwd: folder, env }), stdin };
  const status = await runCommand(['secret', ...argv], io, '0');
  return { status, out: io.out(), err: io.err() };
};
const pipe = (argv: readonly string[], text: string, env = {}) => run(argv, Readable.from([text]), env);

/** A terminal at which somebody types; what it is set to is kept. */
const terminal = (...typed: readonly string[]) => {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  for (const keys of typed) stdin.write(keys);
  return { stdin, modes };
};

const stored = async (): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

describe('secret set', () => {
  test('asks on a terminal for each field that is read, and shows none of what is typed', async () => {
    const { stdin, modes } = terminal('al', 'ice\r', 'hunter2\r');
    const { status, out, err } = await run(['set', 'millrace/jazz'], stdin);
    expect({ status, out, modes }).toEqual({ status: 0, out: '', modes: [true, false] });
    expect(err).toBe(
      `millrace/jazz username: \nmillrace/jazz password: \nsecret millrace/jazz is stored with username, password in ${path}\n`,
    );
    expect(await stored()).toEqual({ 'millrace/jazz': { username: 'alice', password: 'hunter2' } });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, '.millrace'))).toEqual(['secrets.json']);
  });

  test('takes all fields at once as a JSON object at the first question', async () => {
    const { stdin } = terminal('{"username":"a","password":"b"}\r');
    expect((await run(['set', 'millrace/jazz'], stdin)).status).toBe(0);
    expect(await stored()).toEqual({ 'millrace/jazz': { username: 'a', password: 'b' } });
  });

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('stores nothing after %s', async (_, key) => {
    const { stdin, modes } = terminal('alice\r', key);
    const { status, err } = await run(['set', 'millrace/jazz'], stdin);
    expect({ status, modes }).toEqual({ status: 130, modes: [true, false] });
    expect(err).toContain('interrupted');
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('keeps the other secrets, and the link that the file is', async () => {
    await mkdir(join(folder, '.millrace'));
    await writeFile(join(folder, 'mine.json'), '{"other":{"token":"x"}}');
    await symlink(join(folder, 'mine.json'), path);
    expect((await pipe(['set', 'api'], '{"token":"t"}')).status).toBe(0);
    expect(await stored()).toEqual({ other: { token: 'x' }, api: { token: 't' } });
    expect(await readFile(join(folder, 'mine.json'), 'utf8')).toBe(await readFile(path, 'utf8'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['api', 'sesame\n', { token: 'sesame' }],
    ['millrace/ca', 'line 1\nline 2\n', { ca: 'line 1\nline 2' }],
    ['api', '{"token":"a","more":"b"}', { token: 'a', more: 'b' }],
    ['of/nobody', '{"x":"1"}', { x: '1' }],
  ])('stores for %s what is piped', async (id, text, fields) => {
    expect((await pipe(['set', id], text)).status).toBe(0);
    expect(await stored()).toEqual({ [id]: fields });
  });

  test.each([
    ['millrace/jaz', 'no feed or connection names secret millrace/jaz; did you mean millrace/jazz?\n'],
    ['other', 'no feed or connection names secret other; they name millrace/jazz millrace/ca api things\n'],
  ])('stores %s, and says that feeds name others', async (id, told) => {
    await writeFile(
      join(folder, 'feeds', 'things.yaml'),
      `feed: things
source: { http: { url: "https://api.example.com/x", auth: { kind: bearer, secret: things } } }
tables:
  a.b: { rows: /a/b, disposition: append, columns: { x: varchar(9) } }
`,
    );
    const { status, err } = await pipe(['set', id], '{"token":"t"}');
    expect([status, err]).toEqual([0, expect.stringContaining(told)]);
    expect(await stored()).toEqual({ [id]: { token: 't' } });
    expect((await pipe(['set', 'things'], 't')).err).not.toContain('no feed');
  });

  test('says where MILLRACE_SECRETS hides the file', async () => {
    const { err } = await pipe(['set', 'api'], 'sesame', { MILLRACE_SECRETS: '{}' });
    expect(err).toContain('MILLRACE_SECRETS is set, so this file is not read');
  });

  test.each([
    [['set', 'api'], '', 'token: got nothing'],
    [['set', 'millrace/jazz'], 'hunter2', 'got text, allowed a JSON object with username and password'],
    [['set', 'millrace/jazz'], '{"username":"hunter2"}', 'password: got nothing, allowed a JSON object'],
    [['set', 'api'], '{"token":{"hunter2":1}}', 'token: got a value that is no text'],
    [['set', 'of/nobody'], 'hunter2', 'got text, allowed a JSON object of texts'],
    [['set', 'of/nobody'], '{}', 'got no field'],
    [['set', ' x'], 'hunter2', 'got secret id " x", allowed 1 to 512 letters, digits and'],
    [['set', '__proto__'], 'hunter2', 'got secret id "__proto__", allowed'],
    [['get', 'api'], '', 'secret takes set ID, got "get"'],
    [['set'], '', 'secret takes set ID, got "set"'],
  ])('refuses %j with %j without quoting a value', async (argv, text, message) => {
    const { status, err } = await pipe(argv, text);
    expect(status).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain('hunter2');
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('refuses to ask for a certificate, and leaves a file that is no JSON as it is', async () => {
    const { status, err } = await run(['set', 'millrace/ca'], terminal().stdin);
    expect(status).toBe(2);
    expect(err).toContain('allowed from stdin: npx millrace secret set millrace/ca < ca.pem');
    await mkdir(join(folder, '.millrace'));
    await writeFile(path, 'hunter2');
    const broken = await pipe(['set', 'api'], 'sesame');
    expect(broken.status).toBe(2);
    expect(broken.err).toContain(`${path} is not a JSON object of secret id to value`);
    expect(await readFile(path, 'utf8')).toBe('hunter2');
  });

  test('asks for what a feed reads of its secret in its headers, too', async () => {
    await writeFile(
      join(folder, 'feeds', 'things.yaml'),
      `feed: things
source:
  http:
    url: https://api.example.com/x
    auth: { kind: bearer, secret: things }
    headers: { X-Tenant: "\${secret.tenant}" }
tables:
  a.b: { rows: /x/y, disposition: append, columns: { id: bigint } }
`,
    );
    const { status, err } = await run(['set', 'things'], terminal('t0ken\r', 'acme\r').stdin);
    expect({ status, err }).toMatchObject({ status: 0 });
    expect(await stored()).toEqual({ things: { token: 't0ken', tenant: 'acme' } });
  });
});
