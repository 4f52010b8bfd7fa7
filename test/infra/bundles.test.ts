import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleHandlers } from '../../infra/bundles.ts';

/** Those that log in to sources. */
const REACH_SOURCES = ['extract-slice', 'plan-batch', 'spool-page'];
const LIMIT_BYTES = 650_000;
/** With the list of public suffixes, by which cookies are kept to their owners: 0.15 MB. */
const LIMIT_OF_SOURCES_BYTES = 1_000_000;

let folder = '';
const readBundle = (name: string): string => readFileSync(join(folder, 'bundles', name, 'index.cjs'), 'utf8');
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  bundleHandlers(folder, {});
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a bundle', () => {
  it('stays under its limit: a function loads and compiles all of it before its first event', () => {
    const over = readdirSync(join(folder, 'bundles')).flatMap((name) => {
      const bytes = Buffer.byteLength(readBundle(name));
      const limit = REACH_SOURCES.includes(name) ? LIMIT_OF_SOURCES_BYTES : LIMIT_BYTES;
      return bytes > limit ? [`${name} has ${bytes} bytes, allowed ${limit}`] : [];
    });
    expect(over).toEqual([]);
  });

  it('holds the client of secrets only where sources are reached, or the user that loads is made', () => {
    const holding = readdirSync(join(folder, 'bundles')).filter((name) =>
      readBundle(name).includes('GetSecretValue'),
    );
    expect(holding).toEqual([...REACH_SOURCES, 'prepare-warehouse'].sort());
  });

  it('keeps the names of errors, by which states retry and catch', () => {
    expect(readBundle('seal-batch')).toContain('"InvalidInput"');
  });

  it('is all ASCII: one character beyond Latin-1 makes V8 read all of it as UTF-16', () => {
    const wide = readdirSync(join(folder, 'bundles')).filter((name) => /[^\0-\x7f]/.test(readBundle(name)));
    expect(wide).toEqual([]);
  });

  it.each([
    ['shapes of operations that are not called', 'RestoreRequest'],
    ['what captures calls of clients and requests', 'captureHTTPsRequest"'],
    ['schemas as JSON Schema', 'draft-07'],
    ['a hook on each promise', 'createHook'],
    ['answers by events', 'EventStreamCodec"'],
  ])('leaves out %s', (_, word) => {
    const holding = readdirSync(join(folder, 'bundles')).filter((name) => readBundle(name).includes(word));
    expect(holding).toEqual([]);
  });

  it('holds no credentials but those that Lambda gives', () => {
    for (const name of readdirSync(join(folder, 'bundles'))) {
      expect(readBundle(name)).not.toContain('AWS_WEB_IDENTITY_TOKEN_FILE');
    }
  });
});
