import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { SourceTruncated, XmlLimitExceeded, XmlMalformed, XmlUnsupported } from '../errors.ts';
import { type Doctype, parseDoctype } from './doctype.ts';
import { defineEntities } from './entities.ts';
import type { Limits } from './limits.ts';

/**
 * The only file that knows saxes. Of its traps these are handled here: it goes on guessing after an error (the first one
 * throws), close() must be called or a truncated document passes, CDATA is an event of its own, what it accumulates has no limit.
 */
export interface XmlHandlers {
  /** Whether text is wanted at this place: asked after each tag. */
  wantsText(): boolean;
  /** `attributes` is undefined when there are none. */
  open(name: string, attributes: Readonly<Record<string, string>> | undefined): void;
  text(text: string): void;
  close(): void;
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
  // A version other than 1.0 is refused below; forcing it keeps saxes from allowing control characters.
  const parser = new StrictParser({ xmlns: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const position = () => ({ line: parser.line, column: parser.column });
  const refuse = (kind: new (message: string) => Error, what: string): never => {
    throw new kind(`${place}: ${what} at line ${parser.line}, column ${parser.column}`);
  };
  const state: Listening['state'] = { isEnding: false, hasRoot: false, doctype: undefined };
  parser.onFail = (message) => {
    const what = explain(message.replace(/\.$/, ''), parser);
    if (isBare(parser.lastEntity)) refuseAmpersand(place, parser, parser.lastEntity);
    if (state.isEnding) refuse(SourceTruncated, `the document ends before it is complete: ${what}`);
    if (what.startsWith('undefined entity') && state.doctype?.hasExternal === true) {
      refuse(
        XmlUnsupported,
        'an entity that is not declared in the document itself: external DTDs are not read',
      );
    }
    return refuse(XmlMalformed, what);
  };
  listen(parser, { limits, handlers, refuse, state });
  return {
    write: (chunk) => {
      for (let at = 0; at < chunk.length; at += PIECE) {
        parser.write(chunk.length <= PIECE ? chunk : chunk.slice(at, at + PIECE));
        checkAccumulated(place, parser, limits, refuse);
      }
    },
    end: () => {
      state.isEnding = true;
      parser.close();
    },
    position,
    refuse,
    hasRoot: () => state.hasRoot,
  };
};

/**
 * saxes with its first error thrown. It takes handlers as properties under computed names, and V8 makes an object with many such
 * a slow one: with more than seven handlers saxes takes four times as long. There are five here, and this method.
 */
class StrictParser extends SaxesParser {
  onFail: ((message: string) => never) | undefined;
  /** What stood between the last & and its semicolon. */
  lastEntity = '';
  override fail(message: string): this {
    return this.onFail === undefined ? super.fail(message) : this.onFail(message);
  }
}

/** parseEntity is private in the types only; what it is given is in no message of saxes, nor where it began. */
const parseEntity: unknown = Reflect.get(SaxesParser.prototype, 'parseEntity');
if (typeof parseEntity !== 'function') throw new Error('saxes has no parseEntity');
Object.defineProperty(StrictParser.prototype, 'parseEntity', {
  value(this: StrictParser, entity: string): unknown {
    this.lastEntity = entity;
    return Reflect.apply(parseEntity, this, [entity]);
  },
});

/** Adds the name that saxes leaves out. */
const explain = (what: string, parser: StrictParser): string => {
  if (what === 'undefined entity') return `${what} &${parser.lastEntity};`;
  if (what !== 'unexpected close tag') return what;
  const tag: unknown = Reflect.get(parser, 'tag');
  const name = typeof tag === 'object' && tag !== null ? Reflect.get(tag, 'name') : undefined;
  return typeof name === 'string' ? `${what}, expected </${name}>` : what;
};

/** saxes reads on to the next semicolon, which may be far; no name of an entity has any of these. */
const isBare = (entity: string): boolean => /[\s<>&"']/.test(entity);

const refuseAmpersand = (place: string, { line, column }: SaxesParser, entity: string): never => {
  const lines = entity.split('\n').length - 1;
  const where = lines === 0 ? `line ${line}, column ${column - entity.length - 1}` : `line ${line - lines}`;
  throw new XmlMalformed(`${place}: a bare & at ${where}, allowed &amp; or a reference that ends in ;`);
};

type Refuse = (kind: new (message: string) => Error, what: string) => never;

interface Listening {
  readonly limits: Limits;
  readonly handlers: XmlHandlers;
  readonly refuse: Refuse;
  readonly state: { isEnding: boolean; hasRoot: boolean; doctype: Doctype | undefined };
}

const listen = (parser: SaxesParser, { limits, handlers, refuse, state }: Listening): void => {
  const switchText = toTextSwitch(parser, handlers);
  let attributeCount = 0;
  parser.on('doctype', (text) => {
    refuseVersion(parser, refuse);
    state.doctype = parseDoctype(text, refuse);
    defineEntities(parser.ENTITIES, state.doctype.entities, limits, refuse);
  });
  parser.on('attribute', () => {
    attributeCount += 1;
    if (attributeCount > limits.attributeCount) {
      refuse(XmlLimitExceeded, `a start tag is over attributeCount, ${limits.attributeCount} attributes`);
    }
  });
  parser.on('opentag', (tag: SaxesTagPlain) => {
    if (!state.hasRoot) {
      state.hasRoot = true;
      refuseVersion(parser, refuse);
    }
    if (attributeCount === 0) handlers.open(tag.name, undefined);
    else {
      attributeCount = 0;
      handlers.open(tag.name, tag.attributes);
    }
    if (state.doctype !== undefined && state.doctype.defaults.size > 0) {
      reportDefaults(state.doctype, tag, handlers);
    }
    switchText();
  });
  parser.on('text', handlers.text);
  parser.on('cdata', (text) => {
    if (handlers.wantsText()) handlers.text(text);
  });
  parser.on('closetag', () => {
    handlers.close();
    switchText();
  });
};

/**
 * Takes saxes' text handler off where nobody wants text, which spares the slices, and calls, of half the texts: the white space
 * between elements. The field is private in the types only; `on` and `off` look their names up at each call.
 */
const toTextSwitch = (parser: SaxesParser, handlers: XmlHandlers): (() => void) => {
  const open = parser as unknown as { textHandler: XmlHandlers['text'] | undefined };
  let isOn = true;
  return () => {
    const isWanted = handlers.wantsText();
    if (isWanted === isOn) return;
    isOn = isWanted;
    open.textHandler = isWanted ? handlers.text : undefined;
  };
};

/** XML 1.1 allows control characters, which CSV and the warehouse do not. */
const refuseVersion = ({ xmlDecl: { version = '1.0' } }: SaxesParser, refuse: Refuse): void => {
  if (version !== '1.0') refuse(XmlUnsupported, `XML version ${version}, allowed 1.0`);
};

const reportDefaults = (doctype: Doctype, tag: SaxesTagPlain, handlers: XmlHandlers): void => {
  for (const attribute of doctype.defaults.get(tag.name) ?? []) {
    if (tag.attributes[attribute] === undefined) handlers.missesDefault(tag.name, attribute);
  }
};

/** Its fields are private in the types only; there is no other way to bound what saxes gathers across chunks. */
const checkAccumulated = (place: string, parser: SaxesParser, limits: Limits, refuse: Refuse): void => {
  for (const [field, limit] of ACCUMULATED) {
    const gathered: unknown = Reflect.get(parser, field);
    if (field === 'entity' && typeof gathered === 'string' && isBare(gathered)) {
      refuseAmpersand(place, parser, gathered);
    }
    if (typeof gathered === 'string' && gathered.length > limits[limit]) {
      refuse(
        XmlLimitExceeded,
        `${field === 'entity' ? 'what follows an &' : `a ${field}`} is over ${limit}, ${limits[limit]} characters`,
      );
    }
  }
};
