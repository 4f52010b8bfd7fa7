import { InvalidInput } from '../errors.ts';
import type { NameTest } from '../model/path.ts';

/** Names as XML Namespaces has them: a URI and a local name. */

export const XML_URI = 'http://www.w3.org/XML/1998/namespace';
export const XMLNS_URI = 'http://www.w3.org/2000/xmlns/';
export const XSI_URI = 'http://www.w3.org/2001/XMLSchema-instance';

/** A name test with its prefix resolved; undefined matches whatever stands there. */
export interface NameMatch {
  readonly uri: string | undefined;
  readonly local: string | undefined;
}

/** Resolves a test by the feed's namespaces; `default` holds for elements only. Throws InvalidInput for an unknown prefix. */
export const resolveTest = (
  test: NameTest,
  of: 'element' | 'attribute',
  namespaces: Readonly<Record<string, string>>,
): NameMatch => {
  if (test.kind === 'any') return { uri: undefined, local: undefined };
  if (test.kind === 'anyNamespace') return { uri: undefined, local: test.local };
  if (test.prefix === undefined) {
    return { uri: of === 'element' ? (namespaces.default ?? '') : '', local: test.local };
  }
  const uri = test.prefix === 'xml' ? XML_URI : namespaces[test.prefix];
  if (uri === undefined) {
    throw new InvalidInput(
      `prefix ${test.prefix} is not among the namespaces; allowed: ${Object.keys(namespaces).join(', ') || 'none'}`,
    );
  }
  return { uri, local: test.local };
};

export const isNamed = (match: NameMatch, uri: string, local: string): boolean =>
  (match.local === undefined || match.local === local) && (match.uri === undefined || match.uri === uri);

/**
 * Namespaces in scope at an element: what it declares itself, over those around it, so that a declaration costs its own size and not
 * that of all the others in scope.
 */
export interface Scope {
  /** Prefix to URI, the empty prefix being the default. */
  readonly own: ReadonlyMap<string, string>;
  readonly around: Scope | undefined;
  /** Bindings of all scopes on the way out. */
  readonly count: number;
}

export const ROOT_SCOPE: Scope = { own: new Map([['xml', XML_URI]]), around: undefined, count: 0 };

/** The URI of a prefix; undefined when it is not declared. */
export const uriOf = (scope: Scope, prefix: string): string | undefined => {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.around) {
    const uri = at.own.get(prefix);
    if (uri !== undefined) return uri;
  }
  return undefined;
};

/** Splits a name; undefined when it is no QName. */
export const splitName = (name: string): { prefix: string; local: string } | undefined => {
  const colon = name.indexOf(':');
  if (colon < 0) return { prefix: '', local: name };
  const prefix = name.slice(0, colon);
  const local = name.slice(colon + 1);
  // The local part is an NCName: what may follow a colon may not start a name, such as a digit.
  return prefix === '' ||
    local === '' ||
    local.includes(':') ||
    /^(?:[-.0-9\u00b7]|[\u0300-\u036f]|[\u203f\u2040])/u.test(local)
    ? undefined
    : { prefix, local };
};

/**
 * Adds an element's declarations to the scope around it, which it gives again when they say nothing new. Gives the reason, as text, when
 * one is not allowed.
 */
export const declare = (
  around: Scope,
  declarations: readonly (readonly [prefix: string, uri: string])[],
): Scope | string => {
  const own = new Map<string, string>();
  for (const [prefix, uri] of declarations) {
    if (prefix === 'xmlns') return 'the prefix xmlns may not be declared';
    if ((prefix === 'xml') !== (uri === XML_URI))
      return `prefix ${prefix || '(none)'} may not be bound to ${uri}`;
    if (uri === XMLNS_URI) return `prefix ${prefix || '(none)'} may not be bound to ${uri}`;
    if (uri === '' && prefix !== '') return `prefix ${prefix} may not be undeclared in XML 1.0`;
    if ((uriOf(around, prefix) ?? '') !== uri) own.set(prefix, uri);
  }
  return own.size === 0 ? around : { own, around, count: around.count + own.size };
};
