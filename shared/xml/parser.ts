import { SourceTruncated, XmlLimitExceeded, XmlMalformed, XmlUnsupported } from '../errors.ts';
import { type Budget, newBudget, type Refuse } from './budget.ts';
import { flat, LONGEST_PIECE } from './copy.ts';
import { addDefaults } from './defaults.ts';
import { type Doctype, parseDoctype } from './doctype.ts';
import type { Limits } from './limits.ts';
import type { Place } from './plain/place.ts';
import { StrictSaxes } from './saxes.ts';

/**
 * saxes behind an interface of ours. Of its traps these are handled here: it goes on guessing after an error (the first one
 * throws), close() must be called or a truncated document passes, CDATA is an event of its own, what it accumulates has no limit.
 */
export interface XmlHandlers {
  /** `attributes` is undefined when there are none. Gives whether text is wanted from here on, until the next tag. */
  open(name: string, attributes: Readonly<Record<string, string>> | undefined): boolean;
  /** A text, or a part of one that goes on. */
  text(text: string): void;
  /** Gives whether text is wanted from here on, until the next tag. */
  close(): boolean;
  /** What the document's reader should know though it is read; each is said once. */
  warn(what: string): void;
}

export interface XmlParser {
  write(chunk: string): void;
  /** The document is complete: throws SourceTruncated when its root is not closed. */
  end(): void;
  position(): { readonly line: number; readonly column: number };
  /** Throws an error of the kind, with place, line and column. */
  refuse(kind: new (message: string) => Error, what: string): never;
  readonly hasRoot: () => boolean;
  /** Whether all that was written ends between two tags, and not in a comment, a section, a tag or a reference. */
  readonly isInContent: () => boolean;
  /** Counts lines anew: what comes next is in line 1. */
  startLines(): void;
  /** A document type declaration was read. */
  readonly hasDoctype: () => boolean;
  /** Whether all that was written has been told of, and what comes next is text or a tag. */
  readonly isBetweenTokens: () => boolean;
  moveTo(place: Place): void;
  /** Goes on where another tokenizer has read up to: elements were closed and opened meanwhile, of which nobody is told. */
  resume(closed: readonly string[], opened: readonly string[], place: Place, wantsText: boolean): void;
}

/** What saxes accumulates while it reads on, by its own names; none of these has a limit of its own. */
const ACCUMULATED = [
  ['name', 'a name', 'nameLength'],
  ['piTarget', 'a name', 'nameLength'],
  ['entity', 'what follows an &', 'entityLength'],
] as const;

export const newXmlParser = (place: string, limits: Limits, handlers: XmlHandlers): XmlParser => {
  const parser = new StrictSaxes();
  const position = () => ({ line: parser.line, column: parser.column });
  const refuse = (kind: new (message: string) => Error, what: string): never => {
    throw new kind(`${place}: ${what} at line ${parser.line}, column ${parser.column}`);
  };
  const budget = newBudget(limits, () => parser.position, refuse);
  const state: State = { isEnding: false, hasRoot: false, isMuted: false, doctype: undefined };
  const around: Around = { place, limits, handlers, refuse, budget, state };
  parser.onFail = (message) => fail(parser, message, around);
  parser.onEntity = (entity) => {
    if (entity.length > limits.entityLength) refuseLong(parser, ACCUMULATED[2], around, entity);
    return state.doctype?.entities.resolve(entity, parser.isInAttribute);
  };
  listen(parser, around);
  const pieces = newPieces(parser, around);
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
      state.isEnding = true;
      parser.close();
    },
    position,
    refuse,
    hasRoot: () => state.hasRoot,
    isInContent: () => parser.isInContent,
    startLines: () => moveTo(parser, { line: 1, column: 0 }),
    hasDoctype: () => state.doctype !== undefined,
    isBetweenTokens: () => parser.isInContent && parser.text === '',
    moveTo: (to) => moveTo(parser, to),
    resume: (closed, opened, to, wantsText) => {
      state.isMuted = true;
      for (const name of closed) parser.write(`</${name}>`);
      for (const name of opened) parser.write(`<${name}>`);
      state.isMuted = false;
      moveTo(parser, to);
      parser.textHandler = wantsText ? handlers.text : undefined;
    },
  };
};

const moveTo = (parser: StrictSaxes, { line, column }: Place): void => {
  parser.line = line;
  parser.column = column;
};

const BLANK = /^[ \t\r\n]*$/;

interface State {
  isEnding: boolean;
  hasRoot: boolean;
  /** What is written stands in no document. */
  isMuted: boolean;
  doctype: Doctype | undefined;
}

/** What the functions below work with, beside saxes. */
interface Around {
  readonly place: string;
  readonly limits: Limits;
  readonly handlers: XmlHandlers;
  readonly refuse: Refuse;
  readonly budget: Budget;
  readonly state: State;
}

/** The first error of saxes, in words of ours. */
const fail = (parser: StrictSaxes, message: string, around: Around): never => {
  const { refuse, state } = around;
  const what = explain(message.replace(/\.$/, ''), parser);
  if (isBare(parser.lastEntity, around)) refuseAmpersand(around.place, parser);
  if (state.isEnding) refuse(SourceTruncated, `the document ends before it is complete: ${what}`);
  if (what.startsWith('undefined entity') && state.doctype?.external !== undefined) {
    refuse(
      XmlUnsupported,
      'an entity that is not declared in the document itself: external DTDs are not read',
    );
  }
  if (what.startsWith('version number')) refuseVersion(parser, refuse);
  return refuse(XmlMalformed, what);
};

/** Adds the name that saxes leaves out. */
const explain = (what: string, { lastEntity, tag }: StrictSaxes): string => {
  if (what === 'undefined entity') return `${what} &${lastEntity};`;
  return what === 'unexpected close tag' && tag !== null ? `${what}, expected </${tag.name}>` : what;
};

/** saxes reads on to the next semicolon, which may be far; no name of an entity has any of these. */
const isBare = (entity: string, { limits }: Around): boolean =>
  /[\s<>&"']/.test(entity.slice(0, limits.entityLength));

const refuseAmpersand = (place: string, { ampersand: { line, column } }: StrictSaxes): never => {
  throw new XmlMalformed(
    `${place}: a bare & at line ${line}, column ${column}, allowed &amp; or a reference that ends in ;`,
  );
};

/**
 * The text handler is off where nobody wants text, which spares the slices, and calls, of half the texts: the white space between
 * elements.
 */
const listen = (parser: StrictSaxes, around: Around): void => {
  const { limits, handlers, refuse, budget, state } = around;
  const { open, text, close } = handlers;
  let attributeCount = 0;
  let valuesLength = 0;
  parser.on('doctype', (declaration) => {
    refuseVersion(parser, refuse);
    if (declaration.length > limits.dtdLength) refuseDtd(around);
    state.doctype = parseDoctype(declaration, limits, budget, refuse);
    warnOfExternal(parser, state.doctype, handlers);
  });
  parser.on('attribute', ({ name, value }) => {
    attributeCount += 1;
    valuesLength += value.length;
    if (attributeCount > limits.attributeCount) {
      refuse(XmlLimitExceeded, `a start tag is over attributeCount, ${limits.attributeCount} attributes`);
    }
    if (valuesLength > limits.textLength) {
      refuse(XmlLimitExceeded, `a start tag is over textLength, ${limits.textLength} characters`);
    }
    checkName(name, around);
    if (name.startsWith('xmlns')) checkName(value, around);
  });
  parser.on('opentag', (tag) => {
    if (state.isMuted) return;
    if (!state.hasRoot) {
      state.hasRoot = true;
      refuseVersion(parser, refuse);
    }
    checkName(tag.name, around);
    let attributes = attributeCount === 0 ? undefined : tag.attributes;
    attributeCount = 0;
    valuesLength = 0;
    const declared = state.doctype?.attributes.get(tag.name);
    if (declared !== undefined) attributes = addDefaults(declared, tag, attributes, around);
    parser.textHandler = open(tag.name, attributes) ? text : undefined;
  });
  parser.on('cdata', (section) => parser.textHandler?.(section));
  parser.on('closetag', () => {
    if (!state.isMuted) parser.textHandler = close() ? text : undefined;
  });
};

/** XML 1.1 allows control characters, which CSV and the warehouse do not. What is no number is malformed. */
const refuseVersion = ({ xmlDecl: { version = '1.0' } }: StrictSaxes, refuse: Refuse): void => {
  if (version !== '1.0' && /^[\d.]{1,9}$/.test(version))
    refuse(XmlUnsupported, `XML version ${version}, allowed 1.0`);
};

/** A document that says that it stands alone has nothing in there that changes what it says (XML 1.0, 2.9). */
const warnOfExternal = ({ xmlDecl }: StrictSaxes, { external }: Doctype, { warn }: XmlHandlers): void => {
  if (external === undefined || xmlDecl.standalone === 'yes') return;
  warn(
    `the external DTD ${JSON.stringify(external.slice(0, SHOWN))} is not read: attributes that it gives a default are taken to be absent`,
  );
};

/** Characters of an identifier that a warning shows. */
const SHOWN = 200;

const checkName = (name: string, { limits, refuse }: Around): void => {
  if (name.length > limits.nameLength)
    refuse(XmlLimitExceeded, `a name is over nameLength, ${limits.nameLength} characters`);
};

const refuseDtd = ({ limits, refuse }: Around): never =>
  refuse(XmlLimitExceeded, `the document type declaration is over dtdLength, ${limits.dtdLength} characters`);

/** Characters that are gathered, at least, before they are handed over or made flat: a document may come byte after byte. */
const LEAST_SETTLED = 4096;

/** Hands piece after piece to saxes, and bounds what it gathers across them: there is no other way. */
const newPieces = (parser: StrictSaxes, around: Around): { write(piece: string): void } => {
  const { limits } = around;
  let unread = 0;
  let flatLength = 0;

  /** saxes gathers no text that nobody reads: it counts as it is written, from the first piece on that has no tag in it. */
  const countUnread = (piece: string, wasInText: boolean): void => {
    const isText = wasInText && parser.isInText && parser.textHandler === undefined && !piece.includes('<');
    unread = isText ? unread + piece.length : 0;
  };

  /** A text that goes on is handed over as far as it has come; what else is gathered is made flat now and then. */
  const settle = (): void => {
    const { text, textHandler } = parser;
    if (text.length < flatLength) flatLength = 0;
    if (text.length < flatLength + flatLength / 16 + LEAST_SETTLED) return;
    if (textHandler !== undefined && parser.isInText) {
      parser.text = '';
      textHandler(flat(text));
    } else flatLength = flat(text).length;
  };

  return {
    write: (piece) => {
      const wasInText = parser.isInText;
      parser.write(piece);
      countUnread(piece, wasInText);
      for (const kind of ACCUMULATED) {
        const gathered = parser[kind[0]];
        if (gathered.length > 0) checkGathered(parser, kind, around, gathered);
      }
      if (parser.isInDoctype) {
        if (parser.text.length > limits.dtdLength) refuseDtd(around);
      } else if (Math.max(unread, parser.text.length) > limits.textLength) {
        around.refuse(XmlLimitExceeded, `a text is over textLength, ${limits.textLength} characters`);
      }
      settle();
    },
  };
};

type Kind = (typeof ACCUMULATED)[number];

const checkGathered = (parser: StrictSaxes, kind: Kind, around: Around, gathered: string): void => {
  if (kind[0] === 'entity' && isBare(gathered, around)) refuseAmpersand(around.place, parser);
  if (gathered.length > around.limits[kind[2]]) refuseLong(parser, kind, around, gathered);
};

const refuseLong = (parser: StrictSaxes, kind: Kind, around: Around, gathered: string): never => {
  if (kind[0] === 'entity' && isBare(gathered, around)) refuseAmpersand(around.place, parser);
  const [, what, limit] = kind;
  return around.refuse(XmlLimitExceeded, `${what} is over ${limit}, ${around.limits[limit]} characters`);
};
