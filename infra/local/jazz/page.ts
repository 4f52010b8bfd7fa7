import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Fault, spoil } from './faults.ts';
import { escapeAttribute, styleOf, toMarkup } from './markup.ts';
import type { Repository } from './repository.ts';
import { type KeptSet, readHits } from './result-sets.ts';

/** One page of a result set, as a request asked for it. */
export interface Page extends KeptSet {
  readonly repository: Repository;
  /** The request's. */
  readonly url: URL;
  readonly pos: number;
  readonly size: number;
  readonly fault: Fault | undefined;
  readonly isGzip: boolean;
}

/** Streams a page: its body is made as fast as the client reads it. Rejects when the client goes before its end. */
export const writePage = async (response: ServerResponse, page: Page): Promise<void> => {
  const encoding = page.isGzip ? { 'Content-Encoding': 'gzip' } : {};
  response.writeHead(200, { 'Content-Type': 'application/xml;charset=UTF-8', ...encoding });
  const body = Readable.from(inChunks(toDocument(page)));
  const end = page.fault?.kind !== 'cut';
  if (page.isGzip) await pipeline(body, createGzip({ level: 1 }), response, { end });
  else await pipeline(body, response, { end });
  // What was written still goes out; HTTP's own end of the body never does.
  if (!end) response.socket?.destroySoon();
};

async function* toDocument(page: Page): AsyncGenerator<string> {
  const { set, pos, size, fault } = page;
  const count = Math.max(0, Math.min(size, set.total - pos));
  const root = `<${set.resource} Version="1.0.0"${toNextLink(page)}`;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (count === 0) {
    yield `${root}/>\n`;
    return;
  }
  yield `${root}>\n`;
  yield* spoil(toRecords(page), count, `</${set.resource}>\n`, fault);
}

const toNextLink = ({ url, set, token, pos, size, fault }: Page): string => {
  if (pos + size >= set.total) return '';
  const origin = fault?.kind === 'foreignNext' ? fault.origin : url.origin;
  const fields = encodeURIComponent(url.searchParams.get('fields') ?? '');
  const href = `${origin}${url.pathname}?id=${token}&fields=${fields}&size=${size}&pos=${pos + size}`;
  return ` rel="next" href="${escapeAttribute(href)}"`;
};

function* toRecords({ repository, set, pos, size }: Page): Generator<string> {
  for (const { element, n, selection } of readHits(set, pos, size)) {
    yield `${toMarkup(element, repository.read(element, n, set.version), selection, styleOf(n))}\n`;
  }
}

const CHUNK_CHARS = 64 * 1024;

/** Joins small pieces, so that a socket sees few writes. */
async function* inChunks(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
