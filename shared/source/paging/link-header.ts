import { DocumentMismatch } from '../../errors.ts';

/** Longest header that is looked at: servers and Node allow 16 KiB of headers at most. */
const MOST = 16_384;

/**
 * The target of the first link with relation `next` in a Link header (RFC 8288, 3); undefined where there is none. Commas and
 * semicolons within `<…>` and quotes are text. `place` is the answer's, for messages. Throws DocumentMismatch where the only ones have no `<…>`: that is no end.
 */
export const readNextLink = (value: string, place: string): string | undefined => {
  const links = splitOutside(value.slice(0, MOST), ',')
    .map(readLink)
    .filter(({ isNext }) => isNext);
  const found = links.find(({ target }) => target !== undefined) ?? links[0];
  if (found === undefined || found.target !== undefined) return found?.target;
  throw new DocumentMismatch(
    `${place} has the header Link ${JSON.stringify(found.text.slice(0, 200))}, allowed <URL>; rel="next"`,
  );
};

interface Link {
  readonly text: string;
  /** Undefined where it is not written as one. */
  readonly target: string | undefined;
  readonly isNext: boolean;
}

const readLink = (link: string): Link => {
  const text = link.trim();
  const [target = '', ...params] = splitOutside(text, ';').map((part) => part.trim());
  // Of several rel the first counts (RFC 8288, 3.3); it may name several relations, in any case.
  const rel = params.map(readRel).find((found) => found !== undefined) ?? '';
  const isLink = target.startsWith('<') && target.endsWith('>');
  return {
    text,
    target: isLink ? target.slice(1, -1).trim() : undefined,
    isNext: rel
      .toLowerCase()
      .split(/[ \t]+/)
      .includes('next'),
  };
};

const readRel = (param: string): string | undefined => {
  const equals = param.indexOf('=');
  if (equals < 0 || param.slice(0, equals).trim().toLowerCase() !== 'rel') return undefined;
  const value = param.slice(equals + 1).trim();
  return value.startsWith('"') ? value.slice(1, value.endsWith('"') ? -1 : undefined) : value;
};

/** Splits where the separator stands outside of `<…>` and quotes; one pass. */
const splitOutside = (text: string, separator: string): readonly string[] => {
  const parts: string[] = [];
  let start = 0;
  let closer = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (closer === '"' && char === '\\') at += 1;
    else if (closer !== '') closer = char === closer ? '' : closer;
    else if (char === '<' || char === '"') closer = char === '<' ? '>' : '"';
    else if (char === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
};
