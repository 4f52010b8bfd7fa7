import { gzipSync } from 'node:zlib';
import { answerXml, type Exchange, type Misbehaviour } from './catalogue.ts';

/** One way in which a source fails, and what an operator has to be told of it. */
export interface ShelfFailure {
  readonly does: Misbehaviour;
  readonly error: string;
  readonly state: string;
  /** What the message says, all of them. */
  readonly says: readonly RegExp[];
  readonly more?: string;
  readonly extra?: string;
}

const onPage3 =
  (misbehave: (exchange: Exchange) => void): Misbehaviour =>
  (exchange) => {
    if (exchange.page !== 3) return 'pass';
    misbehave(exchange);
    return undefined;
  };

const altered = (alter: (xml: string) => string): Misbehaviour =>
  onPage3(({ response, xml }) => answerXml(response, alter(xml)));

/** A page after the first, as messages show it. */
const at = (shelf: string, page: number): RegExp =>
  new RegExp(`http://127\\.0\\.0\\.1:\\d+/${shelf}\\?since=[^ ]*&p=${page} page ${page}\\b`);

const slice = (
  shelf: string,
  error: string,
  does: Misbehaviour,
  says: readonly RegExp[],
  more: Pick<ShelfFailure, 'more' | 'extra'> = {},
): readonly [string, ShelfFailure] => [
  shelf,
  { does, error, state: 'ExtractSlice', says: [at(shelf, 3), ...says], ...more },
];

const IDLE = `    limits: { idleTimeout: 1s }\n`;

/** Every way to fail on page 3 of 7, by the shelf that fails so. */
export const SHELF_FAILURES: Readonly<Record<string, ShelfFailure>> = Object.fromEntries([
  slice(
    'truncated',
    'SourceTruncated',
    altered((xml) => xml.slice(0, xml.indexOf('</lib:changed>'))),
    [/line 6\b/],
  ),
  slice(
    'ampersand',
    'XmlMalformed',
    altered((xml) => xml.replace('&amp; ', '& ')),
    [/bare &/, /line 5\b/],
  ),
  slice(
    'malformed',
    'XmlMalformed',
    altered((xml) => xml.replace('</lib:title>', '</lib:titel>')),
    [/expected <\/lib:title>/, /line 5\b/],
  ),
  slice(
    'latin',
    'XmlMalformed',
    onPage3(({ response, xml }) => answerXml(response, Buffer.from(xml, 'latin1'))),
    [/UTF-8/i, /line 2\b/],
  ),
  slice(
    'login',
    'SourceRefused',
    onPage3(({ response }) =>
      answerXml(response, '<html><body><form action="j_security_check"/></body></html>', {
        'content-type': 'text/html; charset=utf-8',
      }),
    ),
    [/login page/, /text\/html/, /asked without auth/],
  ),
  slice(
    'login_as_xml',
    'SourceRefused',
    altered(() => '<!DOCTYPE html><html><body>Please log in<br></body></html>'),
    [/HTML page/],
  ),
  slice(
    'json',
    'SourceRefused',
    onPage3(({ response }) =>
      answerXml(response, '{"error": "use another Accept"}', { 'content-type': 'application/json' }),
    ),
    [/application\/json/, /use another Accept/],
  ),
  slice(
    'not_found',
    'SourceRefused',
    onPage3(
      ({ response }) =>
        void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>No such shelf</h1>'),
    ),
    [/answered 404/, /No such shelf/],
  ),
  slice(
    'unauthorized',
    'SourceRefused',
    onPage3(({ response }) => void response.writeHead(401).end()),
    [/answered 401/, /asked without auth/],
  ),
  slice(
    'mistake',
    'SourceRefused',
    onPage3(
      ({ response }) => void response.writeHead(500).end('<error>CRRED0106E: Invalid date value: x</error>'),
    ),
    [/answered 500/, /CRRED0106E: Invalid date value: x/],
  ),
  slice(
    'other_root',
    'DocumentMismatch',
    altered((xml) => xml.replaceAll('lib:catalogue', 'lib:error')),
    [/root is <.*error>, expected <.*catalogue>/],
  ),
  slice(
    'late_note',
    'DocumentMismatch',
    altered((xml) => xml.replace('</lib:catalogue>', '<lib:note>late</lib:note></lib:catalogue>')),
    [/\/c:catalogue\/c:note/, /line 2\d\b/],
  ),
  slice(
    'cut',
    'SourceTruncated',
    onPage3(({ response, xml }) => {
      response.writeHead(200, {
        'content-type': 'application/xml',
        'content-length': Buffer.byteLength(xml),
      });
      response.write(xml.slice(0, 400), () => response.destroy());
    }),
    [/broke off after 40\d bytes/],
  ),
  slice(
    'cut_gzip',
    'SourceTruncated',
    onPage3(({ response, xml }) => {
      const zipped = gzipSync(xml);
      answerXml(response, zipped.subarray(0, zipped.length - 40), { 'content-encoding': 'gzip' });
    }),
    [],
  ),
  slice(
    'silent',
    'SourceTruncated',
    onPage3(({ response, xml }) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.write(xml.slice(0, 400));
    }),
    [/silent for 1 s/, /limits\.idleTimeout/],
    { more: IDLE },
  ),
  slice(
    'unavailable',
    'SourceUnavailable',
    onPage3(({ response }) => void response.writeHead(502).end('bad gateway')),
    [/answered 502: bad gateway/],
  ),
  slice(
    'other_host',
    'UntrustedHost',
    altered((xml) => xml.replace('href="/', 'href="http://elsewhere.example/')),
    [/leads to http:\/\/elsewhere\.example\/other_host\?/, /trustedHosts/],
  ),
  slice(
    'redirected',
    'UntrustedHost',
    onPage3(
      ({ response }) => void response.writeHead(302, { location: 'http://login.example/sso?from=x' }).end(),
    ),
    [/leads to http:\/\/login\.example\/sso/, /trustedHosts/],
  ),
  slice(
    'redirect_loop',
    'SourceRefused',
    onPage3(({ request, response }) => void response.writeHead(302, { location: request.url }).end()),
    [/redirects more than 5 times, last to http:\/\/127\.0\.0\.1:\d+\/redirect_loop\?/],
  ),
  slice(
    'link_loop',
    'PagingLoop',
    altered((xml) => xml.replace(/p=4"/, 'p=2"')),
    [/leads back to http:\/\/127\.0\.0\.1:\d+\/link_loop\?.*p=2/],
  ),
  slice(
    'no_xml',
    'XmlMalformed',
    altered(() => 'catalogue is being rebuilt'),
    [/the document starts with "catalogue is being rebuilt"/],
  ),
  [
    'rejected',
    {
      does: altered((xml) => xml.replace('lib:pages="', 'lib:pages="about ')),
      error: 'TooManyRejects',
      state: 'SealBatch',
      says: [
        at('rejected', 3),
        /1 reject, 4\.76% of its rows, allowed 0 rejects or 0%: it is over both/,
        /pages/,
        /line 4\b/,
      ],
      extra: 'rejects: { atMost: [0, 0%] }\n',
    },
  ],
  [
    'empty',
    {
      does: ({ response }) => {
        answerXml(response, '<lib:catalogue xmlns:lib="urn:example:catalogue"/>');
        return undefined;
      },
      error: 'EmptyBatch',
      state: 'SealBatch',
      says: [/has no record, allowed at least one \(onEmpty: fail\)/],
      extra: 'onEmpty: fail\n',
    },
  ],
]);
