/** A start tag as saxes gives it. */
export interface Tag {
  name: string;
  attributes: Record<string, string>;
  isSelfClosing: boolean;
}

/** What we read and write of saxes, most of it private in its types only. */
export interface Internals {
  line: number;
  column: number;
  readonly xmlDecl: { readonly version?: string | undefined; readonly standalone?: string | undefined };
  on(
    name: 'attribute',
    handler: (attribute: { readonly name: string; readonly value: string }) => void,
  ): void;
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
  readonly forbiddenState: number;
  readonly tags: (Tag & { readonly afterClose?: Followed })[];
  readonly tag: Tag | null;
  /** What is gathered across chunks. */
  text: string;
  readonly name: string;
  readonly piTarget: string;
  readonly entity: string;
  /** Characters of all chunks up to the one that is read next. */
  readonly position: number;
  sDoctype(): void;
  sDTDPIEnding(): void;
  sBegin(): void;
  sBeginWhitespace(): void;
  sOpenWaka(): void;
  sText(): void;
  sPIRest(): void;
  sPIEnding(): void;
  handleTextInRoot(): void;
  sEntity(): void;
  parseEntity(entity: string): string;
  i: number;
  state: number;
  readonly entityReturnState: number | undefined;
  closedRoot: boolean;
}

/** A start tag without attributes; `text` stands between its angle brackets. */
export interface PlainTag extends Tag {
  readonly text: string;
  readonly afterOpen: Followed;
  readonly afterClose: Followed;
}

/** The start tag that followed last time: documents repeat themselves, so that most tags need no text of their own. */
export interface Followed {
  by: PlainTag | undefined;
}
