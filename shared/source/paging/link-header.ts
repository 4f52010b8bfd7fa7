/** Longest header that is looked at: servers and Node allow 16 KiB of headers at most. */
const MOST = 16_384;

/**
 * The target of the first link with relation `next` in a Link header (RFC 8288, 3); undefined where there is none. Commas and
 * semicolons within `<…>` and quotes are text.
 */
export const readNextLink = (value: string): string | undefined =>
  splitOutside(value.slice(0, MOST), ',')
    .map(readLink)
    .find(({ isNext }) => isNext)?.target;

const readLink = (text: string): { readonly target: string; readonly isNext: boolean } => {
  const [target = '', ...params] = splitOutside(text, ';').map((part) => part.trim());
  // Of several rel the first counts (RFC 8288, 3.3); it may name several relations, in any case.
  const rel = params.map(readRel).find((found) => found !== undefined) ?? '';
  const isLink = target.startsWith('<') && target.endsWith('>');
  return {
    target: target.slice(1, -1).trim(),
    isNext:
      isLink &&
      rel
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
