import { SaxesParser, type SaxesTagPlain } from 'saxes';

/**
 * The only file that imports saxes, 6.0.0: the version is pinned, since what follows reaches into it. saxes reads character by
 * character, keeping each step in the parser object. Where text, start tags without attributes and end tags are plain and lie whole in
 * the chunk, the methods below do the same with local variables, in two thirds of the time; for all else they call saxes' own, with
 * nothing changed yet. A test holds the events and places of both against each other.
 */

export type Tag = SaxesTagPlain;

/** What we read and write of saxes, most of it private in its types only. */
interface Internals {
  line: number;
  column: number;
  readonly xmlDecl: { readonly version?: string | undefined };
  readonly ENTITIES: Record<string, string>;
  on(name: 'attribute', handler: () => void): void;
  on(name: 'opentag' | 'closetag', handler: (tag: Tag) => void): void;
  on(name: 'text' | 'cdata' | 'doctype', handler: (text: string) => void): void;
  write(chunk: string): this;
  close(): this;
  fail(message: string): this;
  textHandler: ((text: string) => void) | undefined;
  readonly openTagHandler: ((tag: Tag) => void) | undefined;
  readonly closeTagHandler: ((tag: Tag) => void) | undefined;
  readonly stateTable: readonly unknown[];
  readonly chunk: string;
  readonly chunkPosition: number;
  readonly forbiddenState: number;
  readonly tags: Tag[];
  /** What is gathered across chunks. */
  text: string;
  readonly name: string;
  readonly piTarget: string;
  readonly entity: string;
  sText(): void;
  sOpenWaka(): void;
  handleTextInRoot(): void;
  sOpenTag(): void;
  sCloseTag(): void;
  parseEntity(entity: string): string;
  i: number;
  prevI: number;
  state: number;
  positionAtNewLine: number;
  tag: Tag | null;
  sawRoot: boolean;
  closedRoot: boolean;
}

// TypeScript lets no class extend one whose private members it names.
const Saxes = SaxesParser as unknown as new (options: object) => Internals;

const probe = new Saxes({});
const TEXT = probe.stateTable.indexOf(probe.sText);
const AFTER_LESS = probe.stateTable.indexOf(probe.sOpenWaka);
/** saxes' count of the `]` before a `>`: none. */
const NO_BRACKET = probe.forbiddenState;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const AMPERSAND = 0x26;
const LESS = 0x3c;
const GREATER = 0x3e;
const CLOSE_BRACKET = 0x5d;
const FIRST_SURROGATE = 0xd800;

/** Whether an ASCII character may stand in a name. */
const IN_NAME = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\w:.-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

const NO_ATTRIBUTES: Tag['attributes'] = Object.freeze(Object.create(null));

/**
 * saxes with its first error given to `onFail`, which throws. It takes handlers as properties under computed names, and V8 makes an
 * object with many such a slow one: with more than seven handlers saxes takes four times as long. The parser has five.
 */
export class StrictSaxes extends Saxes {
  onFail: ((message: string) => never) | undefined;
  /** What stood between the last & and its semicolon: it is in no message of saxes, nor where it began. */
  lastEntity = '';

  constructor() {
    // A version other than 1.0 is refused by the parser; forcing it keeps saxes from allowing control characters.
    super({ xmlns: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  }

  override fail(message: string): this {
    return this.onFail === undefined ? super.fail(message) : this.onFail(message);
  }

  override parseEntity(entity: string): string {
    this.lastEntity = entity;
    return super.parseEntity(entity);
  }

  override handleTextInRoot(): void {
    const { chunk, i: start } = this;
    const { length } = chunk;
    let lines = 0;
    let lineFeed = -1;
    let at = this.forbiddenState === NO_BRACKET ? start : length;
    for (; at < length; at += 1) {
      const code = chunk.charCodeAt(at);
      if (code === LESS) break;
      if (code === LINE_FEED) {
        lines += 1;
        lineFeed = at;
      } else if (code < SPACE ? code !== TAB : isSpecial(code)) at = length;
    }
    if (at >= length) super.handleTextInRoot();
    else {
      if (lines > 0) {
        this.line += lines;
        this.column = at - lineFeed;
        this.positionAtNewLine = this.chunkPosition + lineFeed + 1;
      } else this.column += at + 1 - start;
      this.prevI = at;
      this.i = at + 1;
      this.state = AFTER_LESS;
      if (this.textHandler !== undefined) giveText(this, start, at);
    }
  }

  override sOpenTag(): void {
    const { chunk, i: start } = this;
    const { length } = chunk;
    let at = this.name === '' && !this.closedRoot ? start : length;
    let code = 0;
    for (; at < length; at += 1) {
      code = chunk.charCodeAt(at);
      if (code >= 128 || IN_NAME[code] === 0) break;
    }
    if (code !== GREATER || at >= length) super.sOpenTag();
    else {
      const tag = { name: chunk.slice(start, at), attributes: NO_ATTRIBUTES, isSelfClosing: false };
      this.tag = tag;
      this.sawRoot = true;
      this.prevI = at;
      this.i = at + 1;
      this.column += at + 1 - start;
      this.state = TEXT;
      this.openTagHandler?.(tag);
      this.tags.push(tag);
    }
  }

  override sCloseTag(): void {
    const { chunk, i: start, tags } = this;
    const tag = tags.at(-1);
    const name = tag?.name ?? '';
    const end = start + name.length;
    let at = start;
    if (this.name === '' && chunk.charCodeAt(end) === GREATER) {
      for (; at < end; at += 1) {
        const code = name.charCodeAt(at - start);
        // A pair of surrogates is one column.
        if (code !== chunk.charCodeAt(at) || code >= FIRST_SURROGATE) break;
      }
    }
    if (tag === undefined || at < end || at === start) super.sCloseTag();
    else {
      tags.pop();
      this.tag = tag;
      this.prevI = end;
      this.i = end + 1;
      this.column += end + 1 - start;
      this.state = TEXT;
      this.closeTagHandler?.(tag);
      if (tags.length === 0) this.closedRoot = true;
    }
  }
}

const giveText = (parser: StrictSaxes, start: number, end: number): void => {
  const { chunk, text } = parser;
  if (text !== '') {
    parser.textHandler?.(text + chunk.slice(start, end));
    parser.text = '';
  } else if (end > start) parser.textHandler?.(chunk.slice(start, end));
};

/** A reference, perhaps the end of a CDATA section, half a character or none. */
const isSpecial = (code: number): boolean =>
  code === AMPERSAND || code === CLOSE_BRACKET || code >= FIRST_SURROGATE;
