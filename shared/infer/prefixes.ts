import { isNcName } from '../model/path.ts';
import { XML_URI } from '../xml/names.ts';
import type { Step } from './known-shapes.ts';
import type { Name } from './shape.ts';
import type { RelativePath } from './table.ts';

/** The namespaces of the printed feed, and paths written by them. */
export interface Prefixes {
  readonly namespaces: Readonly<Record<string, string>>;
  readonly element: (name: Pick<Name, 'uri' | 'local'>) => string;
  readonly attribute: (name: Pick<Name, 'uri' | 'local'>) => string;
}

/** A name of a path, and whether it is an attribute's. */
export interface Used {
  readonly name: Name;
  readonly isAttribute: boolean;
}

/**
 * Chooses prefixes for all names used: the document's own where they say one thing. The namespace that most names without a prefix are in
 * becomes the default, unless some elements are in none: those could not be named then.
 */
export const choosePrefixes = (used: readonly Used[]): Prefixes => {
  const fallback = findDefault(used);
  const byUri = new Map<string, string>();
  const taken = new Set(['default', 'xml', 'xmlns', '']);
  for (const { name, isAttribute } of used) {
    const { uri, prefix } = name;
    if (uri === '' || uri === XML_URI || byUri.has(uri) || (!isAttribute && uri === fallback)) continue;
    let wanted = taken.has(prefix) || !isNcName(prefix) ? 'ns1' : prefix;
    for (let n = 2; taken.has(wanted); n += 1) wanted = `ns${n}`;
    taken.add(wanted);
    byUri.set(uri, wanted);
  }
  const write = (uri: string, local: string): string =>
    uri === '' ? local : `${uri === XML_URI ? 'xml' : byUri.get(uri)}:${local}`;
  return {
    namespaces: {
      ...(fallback === undefined ? {} : { default: fallback }),
      ...Object.fromEntries([...byUri].map(([uri, prefix]) => [prefix, uri])),
    },
    element: ({ uri, local }) => (uri === fallback ? local : write(uri, local)),
    attribute: ({ uri, local }) => write(uri, local),
  };
};

const findDefault = (used: readonly Used[]): string | undefined => {
  const elements = used.filter(({ isAttribute }) => !isAttribute).map(({ name }) => name);
  if (elements.some(({ uri }) => uri === '')) return undefined;
  const counts = new Map<string, number>();
  for (const { uri, prefix } of elements) if (prefix === '') counts.set(uri, (counts.get(uri) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
};

export const usedOf = ({ steps, end }: RelativePath): readonly Used[] => [
  ...steps.map((name) => ({ name, isAttribute: false })),
  ...(end.kind === 'attribute' ? [{ name: end.name, isAttribute: true }] : []),
];

export const writeRelative = ({ steps, end }: RelativePath, prefixes: Prefixes): string => {
  const parts = steps.map((step) => prefixes.element(step));
  if (end.kind === 'attribute') parts.push(`@${prefixes.attribute(end.name)}`);
  if (end.kind === 'text') parts.push('text()');
  if (end.kind === 'name') parts.push('name()');
  return parts.length === 0 ? '.' : parts.join('/');
};

export const writeAbsolute = (steps: readonly (Name | Step)[], prefixes: Prefixes): string =>
  steps
    .map((step) => `/${prefixes.element(step)}${'predicate' in step ? (step.predicate ?? '') : ''}`)
    .join('');
