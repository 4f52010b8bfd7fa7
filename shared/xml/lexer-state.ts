import { XmlLimitExceeded } from '../errors.ts';
import type { Limits } from './limits.ts';

/** What is known of what saxes is in the midst of: see lexer.ts. */

export type Kind =
  | 'text'
  | 'reference'
  /** Behind a `<`. */
  | 'opening'
  | 'tag'
  | 'value'
  | 'target'
  | 'instruction'
  | 'comment'
  | 'section'
  /** saxes tells where it ends. */
  | 'doctype'
  /** What saxes is about to refuse. */
  | 'lost';

export interface Lexer {
  readonly limits: Limits;
  kind: Kind;
  /** The quotation mark around the value, or around the reference in it; empty in text. */
  quote: string;
  /** What stands behind the `<`, the target of the instruction, or what follows the &. */
  word: string;
  /** Characters of the text since the last tag, section, comment or instruction, as they are written. */
  textLength: number;
  /** Characters of the name in a tag that is not at its end. */
  nameLength: number;
  /** Elements that are open, and whether the root has closed. */
  depth: number;
  isBehindRoot: boolean;
  /** The tag is an end tag; the last character that was read of it is a slash. */
  isClosing: boolean;
  isSlash: boolean;
  /** The last characters of what a few characters end. */
  last: string;
  /** A question mark follows the target at once; and characters from there on. */
  isAlone: boolean;
  restLength: number;
  /** The & of the reference is written to saxes, and its place known. */
  isMarked: boolean;
  /** Reading stops where saxes has to come up first. */
  stops: boolean;
  /** To be refused once saxes has come up. */
  fault: Fault | undefined;
  piece: string;
  /** The next & in the piece, at or behind what was read last; negative while it is not known. */
  ampersand: number;
}

export interface Fault {
  readonly kind: new (message: string) => Error;
  readonly what: string;
  /** It is the reference that is wrong, whose place is that of its &. */
  readonly isReference: boolean;
}

export const newLexer = (limits: Limits): Lexer => ({
  limits,
  kind: 'text',
  quote: '',
  word: '',
  textLength: 0,
  nameLength: 0,
  depth: 0,
  isBehindRoot: false,
  isClosing: false,
  isSlash: false,
  last: '',
  isAlone: false,
  restLength: 0,
  isMarked: false,
  stops: false,
  fault: undefined,
  piece: '',
  ampersand: -1,
});

export const load = (l: Lexer, piece: string): void => {
  l.piece = piece;
  l.ampersand = -1;
};

/** What comes next is text. */
export const toText = (l: Lexer): void => {
  l.kind = 'text';
  l.textLength = 0;
};

export const stopAt = (l: Lexer, at: number, fault: Fault | undefined): number => {
  l.stops = true;
  l.fault = fault;
  return at;
};

export const stopOver = (l: Lexer, at: number, of: string, limit: 'entityLength' | 'nameLength'): number => {
  const what = `${of} is over ${limit}, ${l.limits[limit]} characters`;
  return stopAt(l, at, { kind: XmlLimitExceeded, what, isReference: false });
};
