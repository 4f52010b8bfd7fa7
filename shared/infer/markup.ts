import type { Scope } from '../xml/names.ts';

/** Bytes that markup takes at most, as `as: xml` writes it: characters that it escapes count as the longest escape. */

const LONGEST_ESCAPE = 6;

export const markupBytes = (text: string): number => {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) bytes += code < 0x800 ? 2 : 3;
    else if (code === 0x26 || code === 0x3c || code === 0x3e || code === 0x22 || code < 0x20)
      bytes += LONGEST_ESCAPE;
    else bytes += 1;
  }
  return bytes;
};

/** A start tag and its end tag. */
export const tagBytes = (name: string, attributes: Readonly<Record<string, string>> | undefined): number => {
  let bytes = 2 * markupBytes(name) + 5;
  for (const key in attributes) bytes += markupBytes(key) + markupBytes(attributes[key] ?? '') + 4;
  return bytes;
};

/** The declarations of all namespaces in scope. */
export const scopeBytes = (scope: Scope): number => {
  let bytes = 0;
  for (let at: Scope | undefined = scope; at?.around !== undefined; at = at.around) {
    for (const [prefix, uri] of at.own) bytes += markupBytes(prefix) + markupBytes(uri) + 10;
  }
  return bytes;
};
