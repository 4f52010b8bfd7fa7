import { XmlMalformed, XmlUnsupported } from '../errors.ts';
import { characterOf } from './entities.ts';

/** What a document type declaration says that a reader of rows has to know; its other declarations are checked for their form. */
export interface Doctype {
  readonly entities: ReadonlyMap<string, Entity>;
  /** Element name to the attributes that it has by default. */
  readonly defaults: ReadonlyMap<string, readonly string[]>;
  /** Element name to its attributes of types other than CDATA: the spaces around their tokens do not count. */
  readonly tokenized: ReadonlyMap<string, ReadonlySet<string>>;
  /** There is an external subset or a parameter entity, which are not read. */
  readonly hasExternal: boolean;
}

export type Entity = { readonly kind: 'internal'; readonly text: string } | { readonly kind: 'external' };

type Refuse = (kind: new (message: string) => Error, what: string) => never;

const START =
  '[:A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}]';
const CHAR = `(?:${START}|[-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040])`;
const NAME = `${START}${CHAR}*`;
const S = '[ \\t\\r\\n]+';
const S0 = '[ \\t\\r\\n]*';
const QUOTED = `(?:"[^"]*"|'[^']*')`;
const PUBID = `(?:"[-' ()+,./:=?;!*#@$_%a-zA-Z0-9\\r\\n]*"|'[- ()+,./:=?;!*#@$_%a-zA-Z0-9\\r\\n]*')`;
const EXTERNAL = `(?:SYSTEM${S}${QUOTED}|PUBLIC${S}${PUBID}${S}${QUOTED})`;
const TYPE = `(?:CDATA|IDREFS|IDREF|ID|ENTITY|ENTITIES|NMTOKENS|NMTOKEN|(?:NOTATION${S}\\(${S0}${NAME}${S0}(?:\\|${S0}${NAME}${S0})*|\\(${S0}${CHAR}+${S0}(?:\\|${S0}${CHAR}+${S0})*)\\))`;

const sticky = (source: string): RegExp => new RegExp(source, 'uy');

const HEAD = sticky(`${S}(${NAME})(?:${S}(${EXTERNAL}))?${S0}(\\[)?`);
const SPACE = sticky(S);
const COMMENT = sticky('<!--(?:[^-]|-[^-])*-->');
const INSTRUCTION = sticky(`<\\?(?![xX][mM][lL][\\s?])(${NAME})(?:${S}[\\s\\S]*?)?\\?>`);
const PARAMETER = sticky(`%(${NAME});`);
const ENTITY = sticky(
  `<!ENTITY${S}(%${S})?(${NAME})${S}(?:(${QUOTED})|(${EXTERNAL})(?:${S}NDATA${S}(${NAME}))?)${S0}>`,
);
const NOTATION = sticky(`<!NOTATION${S}(${NAME})${S}(?:${EXTERNAL}|PUBLIC${S}${PUBID})${S0}>`);
const ELEMENT = sticky(`<!ELEMENT${S}(${NAME})${S}([^<>]*?)${S0}>`);
const ATTLIST = sticky(`<!ATTLIST${S}(${NAME})`);
const ATTRIBUTE = sticky(`${S}(${NAME})${S}(${TYPE})${S}(?:#REQUIRED|#IMPLIED|(?:#FIXED${S})?(${QUOTED}))`);
const END = sticky(`${S0}>`);
const TAIL = sticky(`\\]${S0}$`);

interface Reading {
  readonly text: string;
  at: number;
  readonly refuse: Refuse;
  readonly entities: Map<string, Entity>;
  readonly defaults: Map<string, string[]>;
  readonly tokenized: Map<string, Set<string>>;
  readonly seen: Set<string>;
  hasExternal: boolean;
}

const take = (r: Reading, pattern: RegExp): RegExpExecArray | undefined => {
  pattern.lastIndex = r.at;
  const found = pattern.exec(r.text);
  if (found === null) return undefined;
  r.at += found[0].length;
  return found;
};

const wrong = (r: Reading, what: string): never =>
  r.refuse(
    XmlMalformed,
    `${what} in the document type declaration, near ${JSON.stringify(r.text.slice(r.at, r.at + 40))}`,
  );

/** Reads what stands between `<!DOCTYPE` and its `>`. */
export const parseDoctype = (text: string, refuse: Refuse): Doctype => {
  const r: Reading = {
    text,
    at: 0,
    refuse,
    entities: new Map(),
    defaults: new Map(),
    tokenized: new Map(),
    seen: new Set(),
    hasExternal: false,
  };
  const head = take(r, HEAD) ?? wrong(r, 'a malformed name or identifier');
  if (head[2] !== undefined) r.hasExternal = true;
  if (head[3] === undefined) {
    if (r.at < text.length) wrong(r, 'unexpected text');
    return r;
  }
  while (take(r, TAIL) === undefined) readDeclaration(r);
  return r;
};

const readDeclaration = (r: Reading): void => {
  if (take(r, SPACE) ?? take(r, COMMENT)) return;
  const notation = take(r, NOTATION);
  if (notation !== undefined) {
    if (notation[1]?.includes(':')) wrong(r, 'a colon in the name of a notation');
    return;
  }
  const instruction = take(r, INSTRUCTION);
  if (instruction !== undefined) {
    if (instruction[1]?.includes(':')) wrong(r, 'a colon in the target of a processing instruction');
    return;
  }
  const parameter = take(r, PARAMETER);
  if (parameter !== undefined) {
    // What it stands for may declare anything, so nothing after it is known for certain.
    r.refuse(XmlUnsupported, `parameter entity %${parameter[1]};`);
  }
  readMarkup(r);
};

const readMarkup = (r: Reading): void => {
  const entity = take(r, ENTITY);
  const element = entity === undefined ? take(r, ELEMENT) : undefined;
  const list = entity ?? element ?? take(r, ATTLIST);
  if (entity !== undefined) addEntity(r, entity);
  else if (element !== undefined) {
    if (!isContentModel(element[2] ?? '')) wrong(r, `a malformed content model of ${element[1]}`);
  } else if (list !== undefined) addAttributes(r, list[1] ?? '');
  else wrong(r, 'a malformed declaration');
};

const addEntity = (r: Reading, [, percent, name = '', value, external, notation]: RegExpExecArray): void => {
  if (name.includes(':')) wrong(r, `a colon in the entity name ${name}`);
  if (percent !== undefined) {
    if (notation !== undefined) wrong(r, 'NDATA of a parameter entity');
    if (value !== undefined) toReplacement(r, name, value.slice(1, -1));
    return;
  }
  const entity: Entity =
    external === undefined
      ? { kind: 'internal', text: toReplacement(r, name, (value ?? '').slice(1, -1)) }
      : { kind: 'external' };
  // Of several declarations the first counts.
  if (!r.entities.has(name)) r.entities.set(name, entity);
};

const LITERAL = new RegExp(`&(#[^;]*|${NAME});|[&%]`, 'gu');

/** An entity's literal value with its character references replaced; general references stay for later. */
const toReplacement = (r: Reading, name: string, literal: string): string =>
  literal.replaceAll(/\r\n?/g, '\n').replace(LITERAL, (found, reference: string | undefined) => {
    if (reference === undefined) return wrong(r, `${found} in the value of entity ${name}`);
    if (!reference.startsWith('#')) return found;
    return characterOf(reference) ?? wrong(r, `the reference ${found} in the value of entity ${name}`);
  });

const addAttributes = (r: Reading, element: string): void => {
  for (let found = take(r, ATTRIBUTE); found !== undefined; found = take(r, ATTRIBUTE)) {
    const [, attribute = '', type, value] = found;
    const isFirst = !r.seen.has(`${element} ${attribute}`);
    r.seen.add(`${element} ${attribute}`);
    if (isFirst && type !== 'CDATA') {
      const names = r.tokenized.get(element) ?? new Set();
      r.tokenized.set(element, names.add(attribute));
    }
    if (value === undefined) continue;
    if (value.includes('<') || !/^(?:[^&]|&#?[^\s&;]+;)*$/u.test(value))
      wrong(r, `the default of ${attribute}`);
    if (!isFirst) continue;
    const attributes = r.defaults.get(element);
    if (attributes === undefined) r.defaults.set(element, [attribute]);
    else attributes.push(attribute);
  }
  if (take(r, END) === undefined) wrong(r, `a malformed attribute list of ${element}`);
};

const MIXED = new RegExp(`^\\(${S0}#PCDATA${S0}(?:\\)\\*?|(?:\\|${S0}${NAME}${S0})+\\)\\*)$`, 'u');
const NAMES = new RegExp(`${NAME}[?*+]?`, 'gu');

/** Whether a content model is EMPTY, ANY, mixed, or groups of one connector each: innermost groups are folded to a name. */
const isContentModel = (model: string): boolean => {
  if (model === 'EMPTY' || model === 'ANY' || MIXED.test(model)) return true;
  if (!model.startsWith('(')) return false;
  let rest = model.replace(NAMES, 'n');
  for (let before = ''; rest !== before; ) {
    before = rest;
    rest = rest.replaceAll(
      /\([ \t\r\n]*n[ \t\r\n]*(?:(?:\|[ \t\r\n]*n[ \t\r\n]*)+|(?:,[ \t\r\n]*n[ \t\r\n]*)+)?\)[?*+]?/g,
      'n',
    );
  }
  return rest === 'n';
};
