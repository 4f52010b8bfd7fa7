import { createReadStream } from 'node:fs';
import { SaxesParser } from 'saxes';
import { openCsvFile } from '../../shared/csv/csv-file.ts';
import { STAGED_NULL } from '../../shared/csv/staged.ts';
import { newDecoder } from '../../shared/xml/decode.ts';
import { parseDocument, type RowSink } from '../../shared/xml/document.ts';
import { DEFAULT_LIMITS } from '../../shared/xml/limits.ts';
import { newXmlParser } from '../../shared/xml/parser.ts';
import { WORK_ITEMS } from './work-items.ts';

/** What is measured: stages of the road from XML to zstd CSV, each over the same file. */

/** As `convert` reads. */
const READ_BYTES = 256 * 1024;
const read = (file: string) => createReadStream(file, { highWaterMark: READ_BYTES });

export const readOnly = async (file: string): Promise<void> => {
  for await (const chunk of read(file)) if (chunk.length === 0) throw new Error('an empty chunk');
};

export const decodeOnly = async (file: string): Promise<void> => {
  const decoder = newDecoder({ name: file, charset: undefined, line: () => 1, warn: () => undefined });
  for await (const chunk of read(file)) decoder.decode(chunk);
};

/**
 * saxes alone, as its documentation shows it: default options, open, text and close handlers that count, fed with the strings of a
 * read stream of default size. Everything is compared with this.
 */
export const saxesAlone = async (file: string): Promise<void> => {
  const parser = new SaxesParser({});
  const seen = { tags: 0, characters: 0 };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', () => {
    seen.tags += 1;
  });
  parser.on('text', (text) => {
    seen.characters += text.length;
  });
  parser.on('closetag', () => {
    seen.tags -= 1;
  });
  for await (const chunk of createReadStream(file, { encoding: 'utf8' })) parser.write(String(chunk));
  parser.close();
};

/** Our parser over saxes, with handlers that only count: what matching and typing come on top of. */
export const parseOnly = async (file: string): Promise<void> => {
  const seen = { tags: 0, characters: 0 };
  const parser = newXmlParser(file, DEFAULT_LIMITS, {
    open: () => {
      seen.tags += 1;
      return true;
    },
    text: (text) => {
      seen.characters += text.length;
    },
    close: () => {
      seen.tags -= 1;
      return true;
    },
    warn: () => undefined,
  });
  const decoder = newDecoder({ name: file, charset: undefined, line: () => 1, warn: () => undefined });
  for await (const chunk of createReadStream(file)) parser.write(decoder.decode(chunk));
  parser.end();
};

const options = (file: string) => ({
  contract: WORK_ITEMS,
  place: file,
  rowNumbers: { base: 0, used: [0] },
  wanted: { next: "/workitem[@rel='next']/@href" },
});

const refuse: RowSink['reject'] = (reject) => {
  throw new Error(`rejected: ${reject.path}: ${reject.reason}`);
};

/** Parse, match and type; the rows go nowhere. */
export const toRows = async (file: string): Promise<void> => {
  await parseDocument(read(file), options(file), {
    row: () => undefined,
    reject: refuse,
    ready: () => undefined,
  });
};

/** The whole road: XML to zstd CSV as a slice stages it. Gives the rows and the compressed bytes. */
export const toStagedCsv = async (file: string): Promise<{ rows: number; bytes: number }> => {
  const csv = openCsvFile({ nullText: STAGED_NULL, compression: 'zstd' });
  const drained = (async () => {
    for await (const chunk of csv.body) if (chunk.length === 0) throw new Error('an empty chunk');
  })();
  await parseDocument(read(file), options(file), {
    row: (_, values, row) => csv.write([...values, 'w-20240101T000000000Z', String(row)]),
    reject: refuse,
    ready: () => csv.ready(),
  });
  csv.end();
  await drained;
  return { rows: csv.rows, bytes: csv.bytes };
};
