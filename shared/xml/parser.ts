import { SourceTruncated, XmlLimitExceeded, XmlMalformed, XmlUnsupported } from '../errors.ts';
import { type Budget, newBudget, type Refuse } from './budget.ts';
import { LONGEST_PIECE } from './copy.ts';
import { addDefaults } from './defaults.ts';
import { type Doctype, parseDoctype } from './doctype.ts';
import { PREDEFINED } from './entities.ts';
import { newLexer, toText } from './lexer-state.ts';
import type { Limits } from './limits.ts';
import { newPieces, refuseDtd, type Written } from './pieces.ts';
import type { Place } from './plain/place.ts';
import { LEAD, newSaxes, type Saxes } from './saxes.ts';
import type { Raw } from './written.ts';

/**
 * saxes behind an interface of ours. Of its traps these are handled here: it goes on guessing after an error (the first one
 * throws), close() must be called or a truncated document passes, CDATA is an event of its own, what it accumulates has no limit.
 */
export interface XmlHandlers {
  /** `attributes` is undefined when there are none. Gives whether text is wanted from here on, until the next tag. */
  open(name: string, attributes: Raw | undefined): boolean;
  /** A text, or a part of one that goes on. */
  text(text: string): void;
  /** Gives whether text is wanted from here on, until the next tag. */
  close(): boolean;
  /** What the document's reader should know though it is read; each is said once. */
  warn(what: string): void;
}

/** Another tokenizer, which reads stretches of the document. */
export interface Other {
  /** Where it is, while it reads. */
  place(): Place | undefined;
  /** Characters that it has read so far. */
  read(): number;
}

export interface XmlParser {
  write(chunk: string): void;
  /** The document is complete: throws SourceTruncated when its root is not closed. */
  end(): void;
  position(): Place;
  /** Throws an error of the kind, with place, line and column. */
  refuse(kind: new (message: string) => Error, what: string): never;
  readonly hasRoot: () => boolean;
  /** Whether all that was written ends between two tags, and not in a comment, a section, a tag or a reference. */
  readonly isInContent: () => boolean;
  /** Counts lines anew: what comes next is in line 1. */
  startLines(): void;
  /** What the document type declares, once it was read. */
  readonly doctype: () => Doctype | undefined;
  /** An element's attributes with those that its declarations add or change. */
  toDeclared(name: string, attributes: Raw | undefined): Raw | undefined;
  /** Whether all that was written ends behind a tag, a section or a comment. */
  readonly isBetweenTokens: () => boolean;
  /** Goes on where another tokenizer has read up to: elements were closed and opened meanwhile, of which nobody is told. */
  resume(closed: readonly string[], opened: readonly string[], place: Place, wantsText: boolean): void;
}

interface Parsing extends Written {
  readonly handlers: XmlHandlers;
  readonly budget: Budget;
  isEnding: boolean;
  hasRoot: boolean;
  /** What is written stands in no document; and how many characters did so far. */
  isMuted: boolean;
  muted: number;
  doctype: Doctype | undefined;
  /** The element that was closed last: no message of saxes has its name. */
  closed: string;
}

const START: Place = { line: 1, column: 0 };

const newParsing = (place: string, limits: Limits, handlers: XmlHandlers, other: Other): Parsing => {
  const saxes = newSaxes();
  const refuse = (kind: new (message: string) => Error, what: string): never => {
    const { line, column } = other.place() ?? saxes;
    throw new kind(`${place}: ${what} at line ${line}, column ${column}`);
  };
  const read = (): number => saxes.position - p.muted + other.read();
  const p: Parsing = {
    saxes,
    lexer: newLexer(limits),
    place,
    limits,
    handlers,
    refuse,
    budget: newBudget(limits, read, refuse),
    isEnding: false,
    hasRoot: false,
    isMuted: false,
    muted: LEAD,
    wantsText: false,
    doctype: undefined,
    closed: '',
    ampersand: START,
  };
  return p;
};

const ALONE: Other = { place: () => undefined, read: () => 0 };

export const newXmlParser = (
  place: string,
  limits: Limits,
  handlers: XmlHandlers,
  other = ALONE,
): XmlParser => {
  const p = newParsing(place, limits, handlers, other);
  const { saxes, lexer, refuse } = p;
  listen(p);
  const pieces = newPieces(p);
  let isBlank = true;
  return {
    write: (chunk) => {
      if (isBlank) isBlank = BLANK.test(chunk);
      for (let at = 0; at < chunk.length; at += LONGEST_PIECE) {
        pieces.write(chunk.length <= LONGEST_PIECE ? chunk : chunk.slice(at, at + LONGEST_PIECE));
      }
    },
    end: () => {
      if (isBlank) throw new SourceTruncated(`${place}: the document is empty, allowed one root element`);
      p.isEnding = true;
      saxes.close();
    },
    position: () => ({ line: saxes.line, column: saxes.column }),
    refuse,
    hasRoot: () => p.hasRoot,
    isInContent: () => lexer.kind === 'text',
    startLines: () => moveTo(saxes, START),
    doctype: () => p.doctype,
    toDeclared: (name, attributes) => toDeclared(p, name, attributes),
    isBetweenTokens: () => lexer.kind === 'text' && lexer.textLength === 0,
    resume: (closed, opened, to, wantsText) => {
      p.isMuted = true;
      const tags = `${closed.map((name) => `</${name}>`).join('')}${opened.map((name) => `<${name}>`).join('')}`;
      saxes.write(tags);
      p.muted += tags.length;
      lexer.depth += opened.length - closed.length;
      p.isMuted = false;
      moveTo(saxes, to);
      hear(p, wantsText);
    },
  };
};

const moveTo = (saxes: Saxes, { line, column }: Place): void => {
  saxes.line = line;
  saxes.column = column;
};

const BLANK = /^[ \t\r\n]*$/;

/**
 * The text handler is off where nobody wants text, which spares the slices, and calls, of half the texts: the white space between
 * elements.
 */
const hear = (p: Parsing, wantsText: boolean): void => {
  if (p.wantsText === wantsText) return;
  p.wantsText = wantsText;
  if (wantsText) p.saxes.on('text', p.handlers.text);
  else p.saxes.off('text');
};

/** The first error of saxes, in words of ours. */
const fail = (p: Parsing, message: string): never => {
  const { refuse, doctype, saxes } = p;
  const what = explain(message.replace(/\.$/, ''), p);
  if (p.isEnding) refuse(SourceTruncated, `the document ends before it is complete: ${what}`);
  if (what.startsWith('undefined entity') && doctype?.external !== undefined) {
    refuse(
      XmlUnsupported,
      'an entity that is not declared in the document itself: external DTDs are not read',
    );
  }
  if (what.startsWith('version number')) refuseVersion(saxes, refuse);
  return refuse(XmlMalformed, what);
};

/** Adds the name that saxes leaves out. */
const explain = (what: string, { lexer, closed }: Parsing): string => {
  if (what === 'undefined entity') return `${what} &${lexer.word};`;
  return what === 'unexpected close tag' ? `${what}, expected </${closed}>` : what;
};

/** saxes takes handlers as properties under computed names, and V8 makes an object with many such a slow one: these and that of text are seven, and with more saxes takes four times as long. */
const listen = (p: Parsing): void => {
  const { saxes, handlers, refuse } = p;
  const attributes = newAttributeCount(p);
  saxes.on('error', ({ message }) => fail(p, message));
  saxes.on('doctype', (declaration) => {
    refuseVersion(saxes, refuse);
    readDoctype(p, declaration);
    toText(p.lexer);
  });
  saxes.on('attribute', attributes.add);
  saxes.on('opentag', (tag) => {
    if (p.isMuted) return;
    if (!p.hasRoot) {
      p.hasRoot = true;
      refuseVersion(saxes, refuse);
    }
    const given = attributes.take() === 0 ? undefined : tag.attributes;
    hear(p, handlers.open(tag.name, toDeclared(p, tag.name, given)));
  });
  saxes.on('cdata', (section) => {
    if (p.wantsText) handlers.text(section);
  });
  saxes.on('closetag', ({ name }) => {
    p.closed = name;
    if (!p.isMuted) hear(p, handlers.close());
  });
};

/** Counts a start tag's attributes, and their values' characters, while it is read. */
const newAttributeCount = (p: Parsing) => {
  const { refuse, limits } = p;
  let count = 0;
  let valuesLength = 0;
  return {
    add: ({ name, value }: { readonly name: string; readonly value: string }): void => {
      count += 1;
      valuesLength += value.length;
      if (count > limits.attributeCount) {
        refuse(XmlLimitExceeded, `a start tag is over attributeCount, ${limits.attributeCount} attributes`);
      }
      if (valuesLength > limits.textLength) {
        refuse(XmlLimitExceeded, `a start tag is over textLength, ${limits.textLength} characters`);
      }
      if (name.startsWith('xmlns') && value.length > limits.nameLength)
        refuse(XmlLimitExceeded, `a namespace is over nameLength, ${limits.nameLength} characters`);
    },
    take: (): number => {
      const taken = count;
      count = 0;
      valuesLength = 0;
      return taken;
    },
  };
};

const toDeclared = (p: Parsing, name: string, attributes: Raw | undefined): Raw | undefined => {
  const declared = p.doctype?.attributes.get(name);
  return declared === undefined ? attributes : addDefaults(declared, name, attributes, p);
};

const readDoctype = (p: Parsing, declaration: string): void => {
  const { saxes, lexer, limits } = p;
  if (declaration.length > limits.dtdLength) refuseDtd(p);
  const doctype = parseDoctype(declaration, limits, p.budget, p.refuse);
  p.doctype = doctype;
  warnOfExternal(p, doctype);
  saxes.ENTITIES = new Proxy(saxes.ENTITIES, {
    get: (_, name) =>
      PREDEFINED.get(String(name)) ?? doctype.entities.resolve(String(name), lexer.quote !== ''),
  });
};

/** XML 1.1 allows control characters, which CSV and the warehouse do not. What is no number is malformed. */
const refuseVersion = ({ xmlDecl: { version = '1.0' } }: Saxes, refuse: Refuse): void => {
  if (version !== '1.0' && /^[\d.]{1,9}$/.test(version))
    refuse(XmlUnsupported, `XML version ${version}, allowed 1.0`);
};

/** A document that says that it stands alone has nothing in there that changes what it says (XML 1.0, 2.9). */
const warnOfExternal = ({ saxes, handlers }: Parsing, { external }: Doctype): void => {
  if (external === undefined || saxes.xmlDecl.standalone === 'yes') return;
  handlers.warn(
    `the external DTD ${JSON.stringify(external.slice(0, SHOWN))} is not read: attributes that it gives a default are taken to be absent`,
  );
};

/** Characters of an identifier that a warning shows. */
const SHOWN = 200;
