import type { CaptureForm } from './matcher-shape.ts';
import { type Scope, splitName, uriOf } from './names.ts';
import type { Placed } from './state.ts';

/** All that is in an element, kept while the walk goes through it: its whole text, or its markup. */

export interface Capture {
  readonly placed: Placed;
  readonly form: CaptureForm;
  readonly scope: Scope;
  /** Names of the open elements, the captured one first. */
  readonly open: string[];
  /** Prefixes that names in it have, and those that its own tag declares. */
  readonly prefixes: Set<string>;
  readonly declared: ReadonlySet<string>;
  text: string;
  /** A start tag has no end yet: it may be that of an empty element. */
  isTagOpen: boolean;
}

type RawAttributes = Readonly<Record<string, string>> | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const escapeText = (text: string): string => text.replace(/[&<>\r]/g, (char) => ESCAPES[char] ?? char);
const escapeValue = (text: string): string => text.replace(/[&<"\t\n\r]/g, (char) => ESCAPES[char] ?? char);

export const newCapture = (
  placed: Placed & { readonly form: CaptureForm },
  scope: Scope,
  raw: RawAttributes,
): Capture => ({
  placed,
  form: placed.form,
  scope,
  open: [],
  prefixes: new Set(),
  declared: new Set(
    Object.keys(raw ?? {}).flatMap((name) =>
      name === 'xmlns' ? [''] : name.startsWith('xmlns:') ? [name.slice('xmlns:'.length)] : [],
    ),
  ),
  text: '',
  isTagOpen: false,
});

const endTag = (capture: Capture): void => {
  if (capture.isTagOpen) capture.text += '>';
  capture.isTagOpen = false;
};

/** A start tag, the captured element's own first. */
export const captureOpen = (capture: Capture, name: string, raw: RawAttributes): void => {
  if (capture.form === 'text') return;
  endTag(capture);
  capture.prefixes.add(splitName(name)?.prefix ?? '');
  // What is in scope is told in the own tag, once it is known what is used: see `captured`.
  if (capture.open.length > 0) capture.text += `<${name}`;
  for (const [key, value] of Object.entries(raw ?? {})) {
    const prefix = splitName(key)?.prefix ?? '';
    if (prefix !== '' && prefix !== 'xmlns') capture.prefixes.add(prefix);
    capture.text += ` ${key}="${escapeValue(value)}"`;
  }
  capture.open.push(name);
  capture.isTagOpen = true;
};

export const captureText = (capture: Capture, text: string): void => {
  if (capture.form === 'text') {
    capture.text += text;
    return;
  }
  endTag(capture);
  capture.text += escapeText(text);
};

export const captureClose = (capture: Capture): void => {
  const name = capture.open.length > 1 || capture.form === 'xml' ? capture.open.at(-1) : undefined;
  if (name === undefined) return;
  capture.text += capture.isTagOpen ? '/>' : `</${name}>`;
  capture.isTagOpen = false;
  if (capture.open.length > 1) capture.open.pop();
};

/** The value, once the element has closed. Markup can be read alone: what its names need of the namespaces around is declared. */
export const captured = ({ form, text, open, prefixes, declared, scope }: Capture): string => {
  if (form === 'text') return text;
  const around = [...prefixes].filter((prefix) => prefix !== 'xml' && !declared.has(prefix));
  const declarations = around.map((prefix) => {
    const uri = uriOf(scope, prefix) ?? '';
    return uri === '' ? '' : ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeValue(uri)}"`;
  });
  return `<${open[0] ?? ''}${declarations.join('')}${text}`;
};
