import { XMLParser } from 'fast-xml-parser';
import { S3Error } from './s3-error.ts';

/** An element: its name, and its text or children; undefined leaves the element out. */
export type Element = readonly [name: string, content: Content];
type Content = string | number | boolean | undefined | readonly Element[];

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Writes a response document. */
export const toXml = (root: string, content: string | readonly Element[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${toInner(content)}</${root}>`;

/** Writes an error document, which has no namespace. */
export const toErrorXml = (children: readonly Element[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${children.map(toElement).join('')}</Error>`;

const toElement = ([name, content]: Element): string => {
  if (content === undefined) return '';
  return `<${name}>${toInner(content)}</${name}>`;
};

const toInner = (content: Exclude<Content, undefined>): string =>
  typeof content === 'object' ? content.map(toElement).join('') : escapeText(String(content));

// Keys may hold control characters, which XML cannot: S3 writes them as references too, and offers encoding-type=url.
const escapeText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to write as references
  text.replaceAll(/[&<>"\u0000-\u001f\ufffe\uffff]/g, (c) => {
    if (c === '&') return '&amp;';
    if (c === '<') return '&lt;';
    if (c === '>') return '&gt;';
    if (c === '"') return '&quot;';
    return `&#x${c.charCodeAt(0).toString(16)};`;
  });

// htmlEntities: rclone writes the quotes of ETags as &#34;. trimValues: a key may end with a space.
const parser = (lists: readonly string[]): XMLParser =>
  new XMLParser({
    ignoreDeclaration: true,
    parseTagValue: false,
    trimValues: false,
    htmlEntities: true,
    isArray: (name) => lists.includes(name),
  });

/** Reads a request document; elements named in `lists` become arrays. Throws S3Error MalformedXML. */
export const parseXml = (text: string, lists: readonly string[]): unknown => {
  try {
    return withoutLayout(parser(lists).parse(text, true));
  } catch (cause) {
    throw new S3Error('MalformedXML', `the XML is not well-formed: ${String(cause)}`);
  }
};

/** Drops the white space between elements, which the parser hands out as text once it may not trim values. */
const withoutLayout = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutLayout);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, text]) => name !== '#text' || String(text).trim() !== '')
      .map(([name, inner]) => [name, withoutLayout(inner)]),
  );
};
