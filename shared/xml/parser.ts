import { SourceTruncated, XmlLimitExceeded, XmlMalformed, XmlUnsupported } from '../errors.ts';
import { type Doctype, parseDoctype } from './doctype.ts';
import { defineEntities } from './entities.ts';
import type { Limits } from './limits.ts';
import { StrictSaxes, type Tag } from './saxes.ts';

/**
 * saxes behind an interface of ours. Of its traps these are handled here: it goes on guessing after an error (the first one
 * throws), close() must be called or a truncated document passes, CDATA is an event of its own, what it accumulates has no limit.
 */
export interface XmlHandlers {
  /** `attributes` is undefined when there are none. Gives whether text is wanted from here on, until the next tag. */
  open(name: string, attributes: Readonly<Record<string, string>> | undefined): boolean;
  text(text: string): void;
  /** Gives whether text is wanted from here on, until the next tag. */
  close(): boolean;
  /** A defaulted attribute that the start tag does not have. */
  missesDefault(element: string, attribute: string): void;
}

export interface XmlParser {
  write(chunk: string): void;
  /** The document is complete: throws SourceTruncated when its root is not closed. */
  end(): void;
  position(): { readonly line: number; readonly column: number };
  /** Throws an error of the kind, with place, line and column. */
  refuse(kind: new (message: string) => Error, what: string): never;
  readonly hasRoot: () => boolean;
}

/** What saxes accumulates while it reads on, by its own names; none of these has a limit of its own. */
const ACCUMULATED = [
  ['text', 'textLength'],
  ['name', 'textLength'],
  ['piTarget', 'textLength'],
  ['entity', 'entityLength'],
] as const;

/** Longest text handed to saxes at once: limits of what it accumulates are checked in between. */
const PIECE = 64 * 1024;

export const newXmlParser = (place: string, limits: Limits, handlers: XmlHandlers): XmlParser => {
  const parser = new StrictSaxes();
  const position = () => ({ line: parser.line, column: parser.column });
  const refuse = (kind: new (message: string) => Error, what: string): never => {
    throw new kind(`${place}: ${what} at line ${parser.line}, column ${parser.column}`);
  };
  const state: Listening['state'] = { isEnding: false, hasRoot: false, doctype: undefined };
  let isBlank = true;
  parser.onFail = (message) => {
    const what = explain(message.replace(/\.$/, ''), parser);
    if (isBare(parser.lastEntity)) refuseAmpersand(place, parser);
    if (state.isEnding) refuse(SourceTruncated, `the document ends before it is complete: ${what}`);
    if (what.startsWith('undefined entity') && state.doctype?.hasExternal === true) {
      refuse(
        XmlUnsupported,
        'an entity that is not declared in the document itself: external DTDs are not read',
      );
    }
    if (what.startsWith('version number')) refuseVersion(parser, refuse);
    return refuse(XmlMalformed, what);
  };
  listen(parser, { limits, handlers, refuse, state });
  return {
    write: (chunk) => {
      if (isBlank) isBlank = chunk.trim() === '';
      for (let at = 0; at < chunk.length; at += PIECE) {
        parser.write(chunk.length <= PIECE ? chunk : chunk.slice(at, at + PIECE));
        checkAccumulated(place, parser, limits, refuse);
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
  };
};

/** Adds the name that saxes leaves out. */
const explain = (what: string, { lastEntity, tag }: StrictSaxes): string => {
  if (what === 'undefined entity') return `${what} &${lastEntity};`;
  return what === 'unexpected close tag' && tag !== null ? `${what}, expected </${tag.name}>` : what;
};

/** saxes reads on to the next semicolon, which may be far; no name of an entity has any of these. */
const isBare = (entity: string): boolean => /[\s<>&"']/.test(entity);

const refuseAmpersand = (place: string, { ampersand: { line, column } }: StrictSaxes): never => {
  throw new XmlMalformed(
    `${place}: a bare & at line ${line}, column ${column}, allowed &amp; or a reference that ends in ;`,
  );
};

type Refuse = (kind: new (message: string) => Error, what: string) => never;

interface Listening {
  readonly limits: Limits;
  readonly handlers: XmlHandlers;
  readonly refuse: Refuse;
  readonly state: { isEnding: boolean; hasRoot: boolean; doctype: Doctype | undefined };
}

/**
 * The text handler is off where nobody wants text, which spares the slices, and calls, of half the texts: the white space between
 * elements.
 */
const listen = (parser: StrictSaxes, { limits, handlers, refuse, state }: Listening): void => {
  const { open, text, close } = handlers;
  let attributeCount = 0;
  parser.on('doctype', (declaration) => {
    refuseVersion(parser, refuse);
    state.doctype = parseDoctype(declaration, refuse);
    defineEntities(parser.ENTITIES, state.doctype.entities, limits, refuse, () => parser.isInAttribute);
  });
  parser.on('attribute', () => {
    attributeCount += 1;
    if (attributeCount > limits.attributeCount) {
      refuse(XmlLimitExceeded, `a start tag is over attributeCount, ${limits.attributeCount} attributes`);
    }
  });
  parser.on('opentag', (tag) => {
    if (!state.hasRoot) {
      state.hasRoot = true;
      refuseVersion(parser, refuse);
    }
    const attributes = attributeCount === 0 ? undefined : tag.attributes;
    attributeCount = 0;
    if (state.doctype !== undefined && attributes !== undefined) trimTokens(state.doctype, tag);
    parser.textHandler = open(tag.name, attributes) ? text : undefined;
    if (state.doctype !== undefined && state.doctype.defaults.size > 0) {
      reportDefaults(state.doctype, tag, handlers);
    }
  });
  parser.on('cdata', (section) => parser.textHandler?.(section));
  parser.on('closetag', () => {
    parser.textHandler = close() ? text : undefined;
  });
};

/** XML 1.1 allows control characters, which CSV and the warehouse do not. What is no number is malformed. */
const refuseVersion = ({ xmlDecl: { version = '1.0' } }: StrictSaxes, refuse: Refuse): void => {
  if (version !== '1.0' && /^[\d.]{1,9}$/.test(version))
    refuse(XmlUnsupported, `XML version ${version}, allowed 1.0`);
};

/** XML 1.0, 3.3.3: only spaces themselves are dropped, not the white space of character references. */
const trimTokens = ({ tokenized }: Doctype, { name, attributes }: Tag): void => {
  const names = tokenized.get(name);
  if (names === undefined) return;
  for (const attribute in attributes) {
    const value = attributes[attribute] ?? '';
    if (names.has(attribute)) attributes[attribute] = value.replace(/ +/g, ' ').replace(/^ | $/g, '');
  }
};

const reportDefaults = (doctype: Doctype, tag: Tag, handlers: XmlHandlers): void => {
  for (const attribute of doctype.defaults.get(tag.name) ?? []) {
    if (tag.attributes[attribute] === undefined) handlers.missesDefault(tag.name, attribute);
  }
};

/** There is no other way to bound what saxes gathers across chunks. */
const checkAccumulated = (place: string, parser: StrictSaxes, limits: Limits, refuse: Refuse): void => {
  for (const [field, limit] of ACCUMULATED) {
    const gathered = parser[field];
    if (field === 'entity' && isBare(gathered)) refuseAmpersand(place, parser);
    if (gathered.length > limits[limit]) {
      refuse(
        XmlLimitExceeded,
        `${field === 'entity' ? 'what follows an &' : `a ${field}`} is over ${limit}, ${limits[limit]} characters`,
      );
    }
  }
};
