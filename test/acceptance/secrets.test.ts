import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Catalogue, shelfFeed, startCatalogue } from './support/catalogue.ts';
import { ECHOES } from './support/echoes.ts';
import { type Ended, type Folder, openFolder, runDocument } from './support/folder.ts';

const LONG = 400_000;
const USER = 'svc.Quillreader';
const PASSWORD = 'Zw7Kq"&/+Vx9-Tjm4';
const TOKEN = 'Gh8TqLx0.Vb5Nw2-Rk6Yd';
const SHELVES = Object.keys(ECHOES);

let folder: Folder;
let catalogue: Catalogue;
let ended: Ended;
let kept: readonly (readonly [path: string, content: string])[];

/** Odd shelves log in with Basic, even ones with a token. */
const authOf = (index: number): string =>
  `    auth: { kind: ${index % 2 === 0 ? 'bearer, secret: shop/token' : 'basic, secret: shop/login'} }\n`;

beforeAll(async () => {
  folder = openFolder();
  catalogue = await startCatalogue(ECHOES);
  for (const [index, shelf] of SHELVES.entries()) {
    const more = authOf(index);
    const extra = 'rejects: { atMost: [0, 0%] }\n';
    folder.write(`feeds/${shelf}.yaml`, shelfFeed(shelf, `${catalogue.origin}/${shelf}`, { more, extra }));
  }
  const secrets = { 'shop/token': { token: TOKEN }, 'shop/login': { username: USER, password: PASSWORD } };
  ended = await folder.millrace(['run', '--once', '--json', '--at', '2026-10-01T00:00:00Z'], {
    env: { MILLRACE_SECRETS: JSON.stringify(secrets), MILLRACE_DEBUG: '1' },
  });
  kept = readAll(join(folder.path, '.millrace'));
}, LONG);
afterAll(async () => {
  await catalogue.close();
  folder.remove();
});

/** Synthesized code, which stands there before any secret is read, and what V8 compiled of it: it has words like `reader` of its own. */
const CODE = /[/](cdk[.]out|compiled)[/]/;

/** Files of the data folder as text, without code. */
const readAll = (root: string): readonly (readonly [string, string])[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => join(root, path))
    .filter((path) => !CODE.test(path) && statSync(path).isFile())
    .map((path) => [path, readFileSync(path, 'latin1')] as const);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Writings of a value that tell it; parts of them, as one that was cut is. */
const writingsOf = (value: string): readonly string[] => {
  const inBase64 = ['', 'a', 'ab'].map((before) =>
    base64(before + value).slice(before.length === 0 ? 0 : 4, -4),
  );
  return [
    value,
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll(/%../g, (byte) => byte.toLowerCase()),
    new URLSearchParams({ a: value }).toString().slice(2),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
    value.replaceAll(/[^\w.-]/g, ''),
    ...inBase64,
    ...inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ].flatMap((text) => [text.slice(0, 6), text.slice(-6)]);
};

const NEEDLES = [
  ...new Set([USER, PASSWORD, TOKEN, base64(`${USER}:${PASSWORD}`).replace(/=+$/, '')].flatMap(writingsOf)),
].map((text) => text.toLowerCase());

const found = (text: string): readonly string[] => {
  const lower = text.toLowerCase();
  return NEEDLES.filter((needle) => lower.includes(needle));
};

describe('a run of sources that send back what they were asked with', () => {
  it('fails on each of them once, with a message', () => {
    const { failures } = runDocument.parse(JSON.parse(ended.out));
    expect(failures.map(({ feed }) => feed).sort()).toEqual([...SHELVES].sort());
    const hidden = failures.filter(({ message }) => message.includes('***'));
    expect(hidden.length).toBeGreaterThan(15);
  });

  it('was sent every secret', () => {
    expect(catalogue.requests.length).toBeGreaterThanOrEqual(SHELVES.length);
  });

  it.each(['redirect_user', 'next_user'])('refuses the link of %s for its user or host, once', (shelf) => {
    const { failures } = runDocument.parse(JSON.parse(ended.out));
    expect(failures.find(({ feed }) => feed === shelf)).toMatchObject({ error: 'UntrustedHost' });
    expect(catalogue.requests.filter((one) => one.startsWith(`GET /${shelf}?`))).toHaveLength(1);
  });

  it('says no secret on stdout or stderr, in any writing, not by half', () => {
    expect([found(ended.out), found(ended.err)]).toEqual([[], []]);
  });

  it('leaves none in the journal, logs, traces and records', () => {
    const names = kept.map(([path]) => path);
    for (const part of ['journal', 'logs', 'traces', 's3']) {
      expect(
        names.some((path) => path.includes(part)),
        part,
      ).toBe(true);
    }
    const told = kept.map(([path, content]) => [path, found(content)] as const);
    expect(told.filter(([, needles]) => needles.length > 0)).toEqual([]);
  });
});
