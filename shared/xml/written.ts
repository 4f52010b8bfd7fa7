import { type Attribute, type Attributes, readAttributes, resolveName } from './attributes.ts';
import type { Scope } from './names.ts';

/** The attributes of a start tag as the scanner gives them, which are the next tag's as soon as it is read: names that many have in common, and values. */
export interface WrittenAttributes {
  readonly of: AttributeNames;
  readonly values: readonly string[];
}

/** Names of a tag's attributes, none twice: what they are in a scope is found once for all tags that have them. */
export interface AttributeNames {
  readonly names: readonly AttributeName[];
  readonly hasDeclarations: boolean;
  /** By the scope, with the values of the tag that was read last. */
  last: (Attributes & { readonly list: readonly Mutable[] }) | undefined;
}

interface Mutable {
  readonly uri: string;
  readonly local: string;
  value: string;
}

export interface AttributeName {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const newAttributeNames = (names: readonly AttributeName[]): AttributeNames => ({
  names,
  hasDeclarations: names.some(({ name }) => name.startsWith('xmlns')),
  last: undefined,
});

/** As saxes gives them. */
export type Raw = Readonly<Record<string, string>>;

/** An attribute of any name has a text for its value. */
const isWritten = (given: Raw | WrittenAttributes): given is WrittenAttributes =>
  typeof given.of === 'object';

export const toRaw = (given: Raw | WrittenAttributes | undefined): Raw | undefined => {
  if (given === undefined || !isWritten(given)) return given;
  const raw: Record<string, string> = Object.create(null);
  for (const [index, { name }] of given.of.names.entries()) raw[name] = given.values[index] ?? '';
  return raw;
};

/** Reads them as `readAttributes` does, by what was found last time where the scope is the same and no tag declares any. */
export const readWritten = (
  written: WrittenAttributes,
  around: Scope,
  refuse: (what: string) => never,
): Attributes => {
  const { of, values } = written;
  const { last } = of;
  if (last === undefined || last.scope !== around) {
    const attributes = readAttributes(toRaw(written) ?? {}, around, refuse);
    if (!of.hasDeclarations) {
      const list = of.names.map(({ name }) => ({
        ...resolveName(name, around, 'attribute', refuse),
        value: '',
      }));
      of.last = {
        list,
        scope: around,
        hasDeclarations: false,
        declares: false,
        uses: { of: undefined, seen: [] },
      };
    }
    return attributes;
  }
  const { list } = last;
  for (let index = 0; index < list.length; index += 1) {
    const attribute = list[index];
    if (attribute !== undefined) attribute.value = values[index] ?? '';
  }
  return last;
};

/** Lets go of values, each of which keeps the text around it in memory. */
export const release = ({ list, uses }: Attributes): void => {
  if (uses === undefined) return;
  for (const attribute of list as readonly Mutable[]) attribute.value = '';
};

/** The attributes as they may be kept. */
export const toKept = ({ list, uses }: Attributes): readonly Attribute[] =>
  uses === undefined ? list : list.map((attribute) => ({ ...attribute }));
