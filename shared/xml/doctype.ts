import { XmlUnsupported } from '../errors.ts';
import { type AttributeDeclaration, readAttributeList } from './attribute-list.ts';
import type { Budget, Refuse } from './budget.ts';
import { readContentModel } from './content-model.ts';
import {
  isName,
  need,
  needSpace,
  readExternalId,
  readPlainName,
  readQualifiedName,
  readQuoted,
  readTo,
  type Scanner,
  skipSpace,
  take,
  wrong,
} from './dtd-scanner.ts';
import { characterOf, type Entities, newEntities, PREDEFINED } from './entities.ts';
import type { Limits } from './limits.ts';

/** What a document type declaration says that a reader of rows has to know; its other declarations are checked for their form. */
export interface Doctype {
  readonly entities: Entities;
  /** Element name to what its attributes' declarations say. */
  readonly attributes: ReadonlyMap<string, DeclaredAttributes>;
  /** The external subset, which is not read. */
  readonly external: string | undefined;
}

export interface DeclaredAttributes {
  /** Attributes of types other than CDATA. */
  readonly tokenized: ReadonlySet<string>;
  /** The values of attributes that a start tag leaves out, as the document's text would give them. */
  readonly defaults: ReadonlyMap<string, string>;
}

interface Reading extends Scanner {
  readonly entities: Entities;
  readonly attributes: Map<string, { tokenized: Set<string>; defaults: Map<string, string> }>;
  /** Element and attribute names that have been declared: of several declarations the first counts. */
  readonly seen: Set<string>;
  external: string | undefined;
}

/** Reads what stands between `<!DOCTYPE` and its `>`. */
export const parseDoctype = (text: string, limits: Limits, budget: Budget, refuse: Refuse): Doctype => {
  const entities = newEntities(limits, budget, refuse);
  const r: Reading = {
    text,
    at: 0,
    refuse,
    entities,
    attributes: new Map(),
    seen: new Set(),
    external: undefined,
  };
  needSpace(r);
  readQualifiedName(r);
  const hasSpace = skipSpace(r);
  r.external = readExternalId(r, false);
  if (r.external !== undefined && !hasSpace) wrong(r, 'no white space');
  skipSpace(r);
  if (take(r, '[')) {
    while (!take(r, ']')) readDeclaration(r);
    skipSpace(r);
  }
  if (r.at < text.length) wrong(r, 'unexpected text');
  return r;
};

const readDeclaration = (r: Reading): void => {
  if (skipSpace(r)) return;
  if (take(r, '<!--')) readComment(r);
  else if (take(r, '<?')) readInstruction(r);
  else if (take(r, '<!ENTITY')) readEntity(r);
  else if (take(r, '<!ATTLIST')) readAttributes(r);
  else if (take(r, '<!ELEMENT')) readElement(r);
  else if (take(r, '<!NOTATION')) readNotation(r);
  else if (take(r, '%')) {
    // What it stands for may declare anything, so nothing after it is known for certain.
    const name = readPlainName(r, 'an entity');
    need(r, ';');
    r.refuse(XmlUnsupported, `parameter entity %${name};`);
  } else wrong(r, 'a malformed declaration');
};

const readComment = (r: Reading): void => {
  readTo(r, '--', 'a comment');
  need(r, '>');
};

const readInstruction = (r: Reading): void => {
  const target = readPlainName(r, 'a processing instruction');
  if (target.toLowerCase() === 'xml') wrong(r, `the target ${target} of a processing instruction`);
  if (take(r, '?>')) return;
  needSpace(r);
  readTo(r, '?>', 'a processing instruction');
};

const readElement = (r: Reading): void => {
  needSpace(r);
  readQualifiedName(r);
  needSpace(r);
  readContentModel(r);
  readEnd(r);
};

const readNotation = (r: Reading): void => {
  needSpace(r);
  readPlainName(r, 'a notation');
  needSpace(r);
  if (readExternalId(r, true) === undefined) wrong(r, 'no identifier of a notation');
  readEnd(r);
};

const readEnd = (r: Reading): void => {
  skipSpace(r);
  need(r, '>');
};

const readEntity = (r: Reading): void => {
  needSpace(r);
  const isParameter = take(r, '%');
  if (isParameter) needSpace(r);
  const name = readPlainName(r, 'an entity');
  needSpace(r);
  const literal = readQuoted(r);
  if (literal !== undefined) {
    const text = toReplacement(r, name, literal);
    if (!isParameter) r.entities.declare(name, { kind: 'internal', text });
  } else {
    if (readExternalId(r, false) === undefined) wrong(r, `no value of entity ${name}`);
    if (!isParameter) readNotationData(r);
    if (!isParameter) r.entities.declare(name, { kind: 'external' });
  }
  readEnd(r);
};

const readNotationData = (r: Reading): void => {
  const hasSpace = skipSpace(r);
  if (!take(r, 'NDATA')) return;
  if (!hasSpace) wrong(r, 'no white space');
  needSpace(r);
  readPlainName(r, 'a notation');
};

/** A reference, or what has to begin one: an & that does not is found with nothing behind it. */
const REFERENCE = /&([^;&%<\s]*;)?|%/g;

/** An entity's literal value with its character references replaced; general references stay for later. */
const toReplacement = (r: Reading, name: string, literal: string): string =>
  literal.replaceAll(REFERENCE, (found, reference: string | undefined) => {
    const inside = reference?.slice(0, -1);
    if (inside?.startsWith('#'))
      return characterOf(inside) ?? wrong(r, `the reference ${found} in the value of entity ${name}`);
    if (inside !== undefined && isName(inside)) return found;
    return wrong(r, `${found} in the value of entity ${name}`);
  });

const readAttributes = (r: Reading): void => {
  needSpace(r);
  const element = readQualifiedName(r);
  for (const declaration of readAttributeList(r)) {
    const value = declaration.literal === undefined ? undefined : toDefault(r, declaration);
    const key = `${element} ${declaration.name}`;
    if (r.seen.has(key)) continue;
    r.seen.add(key);
    if (value === undefined && !declaration.isTokenized) continue;
    const of = r.attributes.get(element) ?? { tokenized: new Set(), defaults: new Map() };
    r.attributes.set(element, of);
    if (declaration.isTokenized) of.tokenized.add(declaration.name);
    if (value !== undefined) of.defaults.set(declaration.name, value);
  }
};

/** A default's value as an attribute in the document would have it (XML 1.0, 3.3.3); its entities have to be declared before it. */
const toDefault = (r: Reading, { name, isTokenized, literal = '' }: AttributeDeclaration): string => {
  if (literal.includes('<')) wrong(r, `a < in the default of ${name}`);
  const value = literal.replaceAll(/&([^;&\s]*;)?|[\t\r\n]/g, (found, reference: string | undefined) => {
    if (!found.startsWith('&')) return ' ';
    const inside = reference?.slice(0, -1) ?? '';
    const text = inside.startsWith('#')
      ? characterOf(inside)
      : (PREDEFINED.get(inside) ?? r.entities.resolve(inside, true));
    return text ?? refuseDefault(r, name, found);
  });
  return isTokenized ? trimTokens(value) : value;
};

const refuseDefault = (r: Reading, name: string, reference: string): never =>
  r.external === undefined
    ? wrong(r, `the reference ${reference} in the default of ${name}`)
    : r.refuse(
        XmlUnsupported,
        `${reference} in the default of ${name}, which is not declared in the document itself: external DTDs are not read`,
      );

/** Only spaces themselves are dropped, not the white space of character references. */
export const trimTokens = (value: string): string => value.replace(/ +/g, ' ').replace(/^ | $/g, '');
