import { type Scope, splitName, uriOf } from '../names.ts';
import type { Capture, Tag } from './capture.ts';

/** The markup of an element, which can be read alone: what its names need of the namespaces around it is declared in its own tag. */

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

/** Prefixes that a start tag declares. */
const declaredIn = (raw: Tag['raw']): ReadonlySet<string> =>
  new Set(
    Object.keys(raw ?? {}).flatMap((name) =>
      name === 'xmlns' ? [''] : name.startsWith('xmlns:') ? [name.slice('xmlns:'.length)] : [],
    ),
  );

const declare = (prefixes: Iterable<string>, declared: ReadonlySet<string>, scope: Scope): string =>
  [...prefixes]
    .filter((prefix) => prefix !== 'xml' && !declared.has(prefix))
    .map((prefix) => {
      const uri = uriOf(scope, prefix) ?? '';
      return uri === '' ? '' : ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeValue(uri)}"`;
    })
    .join('');

/** A tag's attributes as markup; their prefixes are added to those that are used. */
const toAttributes = (raw: Tag['raw'], prefixes: Set<string>): string => {
  let markup = '';
  for (const [key, value] of Object.entries(raw ?? {})) {
    const prefix = splitName(key)?.prefix ?? '';
    if (prefix !== '' && prefix !== 'xmlns') prefixes.add(prefix);
    markup += ` ${key}="${escapeValue(value)}"`;
  }
  return markup;
};

export const newXmlCapture = (): Capture => {
  /** Names of the open elements. */
  const open: string[] = [];
  const prefixes = new Set<string>();
  let own:
    | { readonly name: string; readonly scope: Scope; readonly declared: ReadonlySet<string> }
    | undefined;
  let markup = '';
  /** A start tag has no end yet: it may be that of an empty element. */
  let isTagOpen = false;
  const endTag = (): void => {
    if (isTagOpen) markup += '>';
    isTagOpen = false;
  };
  return {
    open: (tag) => {
      endTag();
      prefixes.add(splitName(tag.name)?.prefix ?? '');
      // What is in scope is told in the own tag, once it is known what is used.
      if (own === undefined) own = { ...tag, declared: declaredIn(tag.raw) };
      else markup += `<${tag.name}`;
      markup += toAttributes(tag.raw, prefixes);
      open.push(tag.name);
      isTagOpen = true;
    },
    text: (text) => {
      endTag();
      markup += escapeText(text);
    },
    close: () => {
      const name = open.pop() ?? '';
      markup += isTagOpen ? '/>' : `</${name}>`;
      isTagOpen = false;
    },
    value: () =>
      own === undefined ? '' : `<${own.name}${declare(prefixes, own.declared, own.scope)}${markup}`,
    size: () => markup.length,
  };
};
