import { SaxesParser } from 'saxes';
import { beginsName, isInName } from './ascii-names.ts';
import { copyOf } from './copy.ts';
import { readReferences } from './references.ts';
import type { Followed, Internals, PlainTag, Tag } from './saxes-internals.ts';

/**
 * The only file that imports saxes, 6.0.0: the version is pinned, since what follows reaches into it. saxes reads character by
 * character, keeping each step in the parser object. Where texts, start tags without attributes and end tags are plain and lie whole in
 * the chunk, the loop below reads one after another with local variables, in a third of the time; whatever is not plain it leaves to saxes,
 * at its first character. A test holds the events and places of both against each other.
 */

// TypeScript lets no class extend one whose private members it names.
const Saxes = SaxesParser as unknown as new (options: object) => Internals;

const probe = new Saxes({});
const AFTER_LESS = probe.stateTable.indexOf(probe.sOpenWaka);
const IN_TEXT = probe.stateTable.indexOf(probe.sText);
const BEFORE_TEXT = probe.stateTable.indexOf(probe.sBeginWhitespace);
const FIRST_OF_DOCTYPE = probe.stateTable.indexOf(probe.sDoctype);
const LAST_OF_DOCTYPE = probe.stateTable.indexOf(probe.sDTDPIEnding);
const IN_ENTITY = probe.stateTable.indexOf(probe.sEntity);
const AFTER_QUESTION = probe.stateTable.indexOf(probe.sPIEnding);
/** saxes' count of the `]` before a `>`: none. */
const NO_BRACKET = probe.forbiddenState;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const AMPERSAND = 0x26;
const SLASH = 0x2f;
const LESS = 0x3c;
const GREATER = 0x3e;
const CLOSE_BRACKET = 0x5d;
const FIRST_SURROGATE = 0xd800;

const NO_ATTRIBUTES: Tag['attributes'] = Object.freeze(Object.create(null));

/** Tags that are remembered, and their longest text; over it they are made anew. */
const MOST_TAGS = 4096;
const LONGEST_TAG = 256;

/**
 * saxes with its first error given to `onFail`, which throws. It takes handlers as properties under computed names, and V8 makes an
 * object with many such a slow one: with more than seven handlers saxes takes four times as long. The parser has five.
 */
export class StrictSaxes extends Saxes {
  onFail: ((message: string) => never) | undefined;
  /** Resolves an entity of the document's own; what it leaves undefined is for saxes. */
  onEntity: ((name: string) => string | undefined) | undefined;
  /** What stood between the last & and its semicolon, and where the & stands: neither is in any message of saxes. */
  lastEntity = '';
  readonly ampersand = { line: 0, column: 0 };
  /** Where in the chunk the name of the entity that is being read goes on; negative while none is. */
  private entityStart = -1;
  readonly plainTags = new Map<string, PlainTag>();
  /** Column 0 of the line as an index of the chunk: negative where the line began in an earlier one. */
  lineStart = 0;
  /** A question mark follows the target of a processing instruction at once. */
  isTargetAlone = false;

  constructor() {
    // A version other than 1.0 is refused by the parser; forcing it keeps saxes from allowing control characters.
    super({ xmlns: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  }

  /** Whether a reference that is being resolved stands in an attribute's value: it is read by the state that follows it. */
  get isInAttribute(): boolean {
    return this.state !== IN_TEXT;
  }

  /** Whether what comes next is text or a tag. */
  get isInContent(): boolean {
    return this.state === IN_TEXT;
  }

  override fail(message: string): this {
    // A character that XML forbids may stand behind a bare &, before any chunk ends: the & came first.
    if (this.state === IN_ENTITY && this.entityStart >= 0)
      this.lastEntity = this.entity + this.chunk.slice(this.entityStart, this.i);
    return this.onFail === undefined ? super.fail(message) : this.onFail(message);
  }

  /** Whether what comes next is text, or the white space around the root. */
  get isInText(): boolean {
    const state = this.state === IN_ENTITY ? this.entityReturnState : this.state;
    return state === IN_TEXT || state === BEFORE_TEXT;
  }

  get isInDoctype(): boolean {
    return this.state >= FIRST_OF_DOCTYPE && this.state <= LAST_OF_DOCTYPE;
  }

  /** saxes passes over a byte order mark; the decoder has taken it off by then, so that another is a character out of place. */
  override sBegin(): void {
    this.state = BEFORE_TEXT;
  }

  override sPIRest(): void {
    super.sPIRest();
    this.isTargetAlone = this.state === AFTER_QUESTION;
  }

  /** saxes lets data follow a target without white space, and colons stand in it, which Namespaces in XML 1.0, 7, forbids. */
  override sPIEnding(): void {
    if (this.isTargetAlone && this.chunk.charCodeAt(this.i) !== GREATER) {
      this.fail(`no white space after the target ${this.piTarget} of a processing instruction.`);
    }
    this.isTargetAlone = false;
    if (this.piTarget.includes(':')) {
      this.fail(`a colon in the target ${this.piTarget} of a processing instruction.`);
    }
    super.sPIEnding();
  }

  override sEntity(): void {
    // It is called again at each chunk; an entity whose name is still empty has just begun.
    if (this.entity === '') {
      this.ampersand.line = this.line;
      this.ampersand.column = this.column;
      if (takeReferences(this)) return;
    }
    this.entityStart = this.i;
    super.sEntity();
    this.entityStart = -1;
  }

  override parseEntity(entity: string): string {
    this.lastEntity = entity;
    return this.onEntity?.(entity) ?? super.parseEntity(entity);
  }

  override handleTextInRoot(): void {
    const isPlain = this.forbiddenState === NO_BRACKET && readPlain(this);
    if (!isPlain) super.handleTextInRoot();
  }
}

/**
 * Reads text and tag after text and tag while they are plain, from the start of a text. Stops behind the `<` of a tag that is not plain, or at
 * the start of a text that is not: then it gives false.
 */
const readPlain = (parser: StrictSaxes): boolean => {
  const { chunk, tags } = parser;
  parser.lineStart = parser.i - parser.column;
  let before: Followed | undefined;
  while (tags.length > 0) {
    const less = readText(parser, parser.i);
    if (less < 0) return parser.i === chunk.length;
    const isClose = chunk.charCodeAt(less + 1) === SLASH;
    const after = isClose ? readClose(parser, less + 2) : readOpen(parser, less + 1, before);
    if (after === undefined) {
      parser.i = less + 1;
      parser.state = AFTER_LESS;
      return true;
    }
    before = after;
  }
  parser.closedRoot = true;
  return true;
};

/** Gives a text to its handler, and the index of the `<` after it; -1, and nothing has changed, where it is not plain or not whole. */
const readText = (parser: StrictSaxes, start: number): number => {
  const { chunk } = parser;
  const { length } = chunk;
  let { lineStart } = parser;
  let lines = 0;
  for (let at = start; at < length; at += 1) {
    const code = chunk.charCodeAt(at);
    if (code === LESS) {
      parser.line += lines;
      parser.lineStart = lineStart;
      parser.column = at + 1 - lineStart;
      if (parser.textHandler !== undefined) giveText(parser, start, at);
      return at;
    }
    if (code === LINE_FEED) {
      lines += 1;
      lineStart = at + 1;
    } else if (code < SPACE ? code !== TAB : isSpecial(code)) return -1;
  }
  return -1;
};

const giveText = (parser: StrictSaxes, start: number, end: number): void => {
  const { chunk, text } = parser;
  if (text !== '') {
    parser.textHandler?.(text + chunk.slice(start, end));
    parser.text = '';
  } else if (end > start) parser.textHandler?.(chunk.slice(start, end));
};

/** Reads references to predefined entities, from behind the first &; gives false, and nothing has changed, where there is none. */
const takeReferences = (parser: StrictSaxes): boolean => {
  const run = readReferences(parser.chunk, parser.i);
  if (run === undefined) return false;
  parser.column += run.end - parser.i;
  parser.i = run.end;
  if (parser.entityReturnState !== IN_TEXT || parser.textHandler !== undefined) parser.text += run.text;
  parser.state = parser.entityReturnState ?? IN_TEXT;
  return true;
};

/** A reference, perhaps the end of a CDATA section, half a character or none. */
const isSpecial = (code: number): boolean =>
  code === AMPERSAND || code === CLOSE_BRACKET || code >= FIRST_SURROGATE;

/** The end tag of the innermost element, whose name starts at `start`. */
const readClose = (parser: StrictSaxes, start: number): Followed | undefined => {
  const tag = parser.tags.at(-1);
  if (tag === undefined || !stands(parser.chunk, start, tag.name)) return undefined;
  parser.tags.pop();
  moveTo(parser, start + tag.name.length + 1);
  parser.closeTagHandler?.(tag);
  return tag.afterClose ?? { by: undefined };
};

const readOpen = (parser: StrictSaxes, start: number, before: Followed | undefined): Followed | undefined => {
  let tag = before?.by;
  if (tag === undefined || !stands(parser.chunk, start, tag.text)) {
    tag = findTag(parser, start);
    if (tag === undefined) return undefined;
    if (before !== undefined && parser.plainTags.has(tag.text)) before.by = tag;
  }
  moveTo(parser, start + tag.text.length + 1);
  parser.openTagHandler?.(tag);
  if (tag.isSelfClosing) parser.closeTagHandler?.(tag);
  else parser.tags.push(tag);
  return tag.afterOpen;
};

const moveTo = (parser: StrictSaxes, at: number): void => {
  parser.i = at;
  parser.column = at - parser.lineStart;
};

/** Whether the text stands there and a `>` follows. A pair of surrogates is one column, so that a name that has one is not plain. */
const stands = (chunk: string, start: number, text: string): boolean => {
  const { length } = text;
  if (chunk.charCodeAt(start + length) !== GREATER) return false;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== chunk.charCodeAt(start + at) || code >= FIRST_SURROGATE) return false;
  }
  return true;
};

/** The tag whose name starts there, if it is ASCII and has no attributes. */
const findTag = ({ chunk, plainTags }: StrictSaxes, start: number): PlainTag | undefined => {
  if (!beginsName(chunk.charCodeAt(start))) return undefined;
  let at = start + 1;
  while (isInName(chunk.charCodeAt(at))) at += 1;
  const isSelfClosing = chunk.charCodeAt(at) === SLASH;
  const end = isSelfClosing ? at + 1 : at;
  if (chunk.charCodeAt(end) !== GREATER) return undefined;
  const known = plainTags.get(chunk.slice(start, end));
  if (known !== undefined) return known;
  const text = copyOf(chunk.slice(start, end));
  const tag: PlainTag = {
    name: isSelfClosing ? text.slice(0, -1) : text,
    text,
    attributes: NO_ATTRIBUTES,
    isSelfClosing,
    afterOpen: { by: undefined },
    afterClose: { by: undefined },
  };
  if (plainTags.size < MOST_TAGS && text.length <= LONGEST_TAG) plainTags.set(text, tag);
  return tag;
};
