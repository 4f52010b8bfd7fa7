import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { InvalidInput } from '../errors.ts';

/** Reads CSV as csv-file.ts writes it: RFC 4180, UTF-8, lines that end with a line feed. */

/** Characters of one row: what comes after an open quote must not gather without end. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

interface Reading {
  readonly nullText: string;
  row: (string | null)[];
  field: string;
  /** `closed`: a quote was met in a quoted field: its end, or the first of two. */
  state: 'start' | 'plain' | 'quoted' | 'closed';
  isQuoted: boolean;
  length: number;
}

const endField = (reading: Reading): void => {
  const { field, isQuoted, nullText } = reading;
  reading.row.push(!isQuoted && field === nullText ? null : field);
  reading.field = '';
  reading.isQuoted = false;
  reading.state = 'start';
};

const addCharacter = (reading: Reading, character: string): void => {
  if (reading.state === 'closed') {
    if (character !== '"')
      throw new InvalidInput(`got ${JSON.stringify(character)} behind a closing quote in CSV`);
    reading.state = 'quoted';
  } else if (reading.state === 'quoted' && character === '"') {
    reading.state = 'closed';
    return;
  } else if (reading.state === 'start' && character === '"') {
    reading.state = 'quoted';
    reading.isQuoted = true;
    return;
  } else if (reading.state === 'start') reading.state = 'plain';
  reading.field += character;
};

/** Takes one more character; gives the row that it ends. */
const take = (reading: Reading, character: string): (string | null)[] | undefined => {
  reading.length += 1;
  if (reading.length > MOST_CHARACTERS)
    throw new InvalidInput(`a row of CSV is over ${MOST_CHARACTERS} characters`);
  const isData = reading.state === 'quoted' || (character !== ',' && character !== '\n');
  if (isData) {
    addCharacter(reading, character);
    return undefined;
  }
  endField(reading);
  if (character === ',') return undefined;
  const { row } = reading;
  reading.row = [];
  reading.length = 0;
  return row;
};

/** The rows of a file, one after the other; an unquoted `nullText` is null. Throws InvalidInput where it is no CSV or breaks off. */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  nullText: string,
): AsyncGenerator<readonly (string | null)[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const reading: Reading = { nullText, row: [], field: '', state: 'start', isQuoted: false, length: 0 };
  for await (const chunk of chunks) {
    for (const character of decoder.decode(chunk, { stream: true })) {
      const row = take(reading, character);
      if (row !== undefined) yield row;
    }
  }
  decoder.decode();
  if (reading.length > 0) throw new InvalidInput('CSV breaks off within a row');
}

/** The bytes of a staged file, decompressed; what is read of them is closed with the reader. */
export async function* unpackStaged(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const zstd = createZstdDecompress();
  // Either end's error destroys the other; the reader of zstd's output gets it.
  pipeline(Readable.from(chunks, { objectMode: false }), zstd, () => undefined);
  yield* zstd;
}
