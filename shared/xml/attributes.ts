import { declare, ROOT_SCOPE, type Scope, splitName, uriOf, XSI_URI } from './names.ts';

/** One attribute of a start tag, its namespace resolved; declarations are not among them. */
export interface Attribute {
  readonly uri: string;
  readonly local: string;
  readonly value: string;
}

/** A start tag's attributes, and the namespaces in scope from it on. */
export interface Attributes {
  readonly list: readonly Attribute[];
  readonly scope: Scope;
  /** The scope is not the one around the element. */
  readonly hasDeclarations: boolean;
  /** Declarations stand in the tag, be they those that are in scope anyway: another such tag may have others. */
  readonly declares: boolean;
  /** What these names came to in a state: undefined where they were not seen before. */
  readonly uses: AttributeUses | undefined;
}

/** What is done with attributes of the same names in a state, found once for many tags. */
export interface AttributeUses {
  /** The state, whose kind does not matter here. */
  of: object | undefined;
  /** The counts that go up by one. */
  seen: readonly { count: number }[];
}

type Refuse = (what: string) => never;

/** Reads a start tag's attributes by the scope around it. Refuses what XML Namespaces does not allow. */
export const readAttributes = (
  raw: Readonly<Record<string, string>>,
  around: Scope,
  refuse: Refuse,
): Attributes => {
  const declarations: (readonly [string, string])[] = [];
  const others: (readonly [string, string])[] = [];
  for (const name in raw) {
    const value = raw[name] ?? '';
    if (name === 'xmlns') declarations.push(['', value]);
    else if (name.startsWith('xmlns:')) declarations.push([toPrefix(name, refuse), value]);
    else others.push([name, value]);
  }
  const declared = declarations.length === 0 ? around : declare(around, declarations);
  const scope = typeof declared === 'string' ? refuse(declared) : declared;
  const list = others.map(([name, value]) => ({ ...resolveName(name, scope, 'attribute', refuse), value }));
  if (list.length > 1) refuseRepeats(list, refuse);
  const declares = declarations.length > 0;
  return { list, scope, hasDeclarations: scope !== around, declares, uses: undefined };
};

const toPrefix = (name: string, refuse: Refuse): string =>
  splitName(name)?.local ?? refuse(`malformed name ${name}`);

const refuseRepeats = (list: readonly Attribute[], refuse: Refuse): void => {
  if (list.every((attribute) => attribute.uri === '')) return;
  const seen = new Set<string>();
  for (const { uri, local } of list) {
    const key = `{${uri}}${local}`;
    if (seen.has(key)) refuse(`duplicate attribute ${key}`);
    seen.add(key);
  }
};

/** The URI and local name of a raw name. Refuses a prefix that is not declared. */
export const resolveName = (
  raw: string,
  scope: Scope,
  of: 'element' | 'attribute',
  refuse: Refuse,
): { readonly uri: string; readonly local: string } => {
  const { prefix, local } = splitName(raw) ?? refuse(`malformed name ${raw}`);
  if (prefix === '') return { uri: of === 'element' ? (uriOf(scope, '') ?? '') : '', local };
  const uri = uriOf(scope, prefix);
  if (uri === undefined || prefix === 'xmlns') return refuse(`prefix ${prefix} of ${raw} is not declared`);
  return { uri, local };
};

/** Whether the element says that it has no value. */
export const isNil = (attributes: Attributes): boolean =>
  attributes.list.some(
    (a) => a.local === 'nil' && a.uri === XSI_URI && /^[ \t\r\n]*(?:true|1)[ \t\r\n]*$/.test(a.value),
  );

export const NO_ATTRIBUTES: Attributes = {
  list: [],
  scope: ROOT_SCOPE,
  hasDeclarations: false,
  declares: false,
  uses: undefined,
};
