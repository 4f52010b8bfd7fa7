import { isRepeat, type Selection } from './selection.ts';
import type { Content } from './shape.ts';

/** How one record is written: all are the same XML, and a reader has to take each. */
export interface Style {
  /** `<x/>` instead of `<x></x>` for absent values. */
  readonly isShort: boolean;
  /** CDATA sections instead of entities where a value holds markup. */
  readonly isCdata: boolean;
  /** Line ends and tabs around some values, as the real server's pretty-printer leaves them. */
  readonly isPadded: boolean;
  /** Characters beyond the BMP as numeric references. */
  readonly isNumeric: boolean;
}

/** The style of the n-th record: all sixteen in turn. */
export const styleOf = (n: number): Style => ({
  isShort: n % 2 === 1,
  isCdata: (n >> 1) % 2 === 1,
  isPadded: (n >> 2) % 2 === 1,
  isNumeric: (n >> 3) % 2 === 1,
});

/** Writes one record: its element with all that is selected of it. */
export const toMarkup = (name: string, content: Content, selection: Selection, style: Style): string =>
  `<${name}>${toFields(content, selection, style)}</${name}>`;

const toFields = (content: Content, selection: Selection, style: Style): string => {
  let markup = '';
  for (const [name, { isShown, below }] of selection) {
    const value = content[name] ?? null;
    if (value === null) markup += style.isShort ? `<${name}/>` : `<${name}></${name}>`;
    else if (typeof value === 'string') markup += `<${name}>${toText(name, value, style)}</${name}>`;
    else if (!isRepeat(value)) markup += toMarkup(name, value, below, style);
    else for (const item of value.filter(isShown)) markup += toMarkup(name, item, below, style);
  }
  return markup;
};

const PADDED: ReadonlySet<string> = new Set(['summary', 'description', 'displayValue', 'name']);

const toText = (name: string, value: string, style: Style): string => {
  const hasMarkup = /[<&]/.test(value);
  const text = style.isCdata && hasMarkup ? toCdata(value) : escapeText(value, style);
  return style.isPadded && PADDED.has(name) ? `\n\t\t${text}\n\t` : text;
};

const toCdata = (value: string): string => `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeText = (value: string, style: Style): string => {
  const escaped = value.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
  if (!style.isNumeric) return escaped;
  return escaped.replaceAll(/[\u{10000}-\u{10ffff}]/gu, (c) => `&#x${c.codePointAt(0)?.toString(16)};`);
};

/** Escapes an attribute's value for double quotes. */
export const escapeAttribute = (value: string): string => escapeText(value, styleOf(0));
