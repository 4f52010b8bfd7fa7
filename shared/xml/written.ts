import { type Attribute, type Attributes, readAttributes, resolveName } from './attributes.ts';
import type { Scope } from './names.ts';

/** The attributes of a start tag as the scanner gives them: names that many tags have in common, and values. */
export interface WrittenAttributes {
  readonly of: AttributeNames;
  readonly values: readonly string[];
}

/** Names of a tag's attributes, none twice: what they are in a scope is found once for all tags that have them. */
export interface AttributeNames {
  readonly names: readonly AttributeName[];
  readonly hasDeclarations: boolean;
  scope: Scope | undefined;
  resolved: readonly { readonly uri: string; readonly local: string }[];
}

export interface AttributeName {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const newAttributeNames = (names: readonly AttributeName[]): AttributeNames => ({
  names,
  hasDeclarations: names.some(({ name }) => name.startsWith('xmlns')),
  scope: undefined,
  resolved: [],
});

/** As saxes gives them. */
export const toRaw = ({ of, values }: WrittenAttributes): Readonly<Record<string, string>> => {
  const raw: Record<string, string> = Object.create(null);
  for (const [index, { name }] of of.names.entries()) raw[name] = values[index] ?? '';
  return raw;
};

/** Reads them as `readAttributes` does, by what was found last time where the scope is the same and no tag declares any. */
export const readWritten = (
  written: WrittenAttributes,
  around: Scope,
  refuse: (what: string) => never,
): Attributes => {
  const { of, values } = written;
  if (of.hasDeclarations) return readAttributes(toRaw(written), around, refuse);
  if (of.scope !== around) {
    // The first time it is read as always, which refuses what is not allowed.
    const attributes = readAttributes(toRaw(written), around, refuse);
    of.resolved = of.names.map(({ name }) => resolveName(name, around, 'attribute', refuse));
    of.scope = around;
    return attributes;
  }
  const list: Attribute[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const name = of.resolved[index];
    const value = values[index];
    if (name !== undefined && value !== undefined) list.push({ uri: name.uri, local: name.local, value });
  }
  return { list, scope: around, hasDeclarations: false };
};
