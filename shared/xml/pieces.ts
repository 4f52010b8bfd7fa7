import { XmlLimitExceeded } from '../errors.ts';
import type { Refuse } from './budget.ts';
import { flat } from './copy.ts';
import { readOn } from './lexer.ts';
import { type Fault, type Lexer, load } from './lexer-state.ts';
import type { Limits } from './limits.ts';
import type { Place } from './plain/place.ts';
import { gatheredBy, type Saxes, takeGathered } from './saxes.ts';

/** What is written to saxes, piece after piece, and the bounds of what it gathers across them, of which it has none. */
export interface Written {
  readonly saxes: Saxes;
  readonly lexer: Lexer;
  readonly place: string;
  readonly limits: Limits;
  readonly handlers: { text(text: string): void };
  readonly refuse: Refuse;
  wantsText: boolean;
  /** Where the & of the reference stands that is being read. */
  ampersand: Place;
}

export const refuseDtd = ({ limits, refuse }: Written): never =>
  refuse(XmlLimitExceeded, `the document type declaration is over dtdLength, ${limits.dtdLength} characters`);

/** Characters that are gathered, at least, before they are handed over or made flat: a document may come byte after byte. */
const LEAST_SETTLED = 4096;

export const newPieces = (w: Written): { write(piece: string): void } => {
  const { saxes, lexer } = w;
  let flatLength = 0;

  /** A text that goes on is handed over as far as it has come; what else is gathered is made flat now and then. */
  const settle = (gathered: string): void => {
    if (gathered.length < flatLength) flatLength = 0;
    if (gathered.length < flatLength + flatLength / 16 + LEAST_SETTLED) return;
    if (isInText(lexer)) w.handlers.text(flat(takeGathered(saxes)));
    else flatLength = flat(gathered).length;
  };

  return {
    write: (piece) => {
      load(lexer, piece);
      for (let at = 0; at < piece.length; ) {
        const end = readOn(lexer, at);
        if (end > at) saxes.write(end - at === piece.length ? piece : piece.slice(at, end));
        at = end;
        if (lexer.fault !== undefined) refuseFault(w, lexer.fault);
        if (lexer.kind === 'reference' && !lexer.isMarked) mark(w);
      }
      const gathered = gatheredBy(saxes);
      checkGathered(w, gathered.length);
      settle(gathered);
    },
  };
};

const isInText = ({ kind, quote }: Lexer): boolean =>
  kind === 'text' || (kind === 'reference' && quote === '');

/** saxes has read up to behind the &. */
const mark = (w: Written): void => {
  w.ampersand = { line: w.saxes.line, column: w.saxes.column };
  w.lexer.isMarked = true;
};

const refuseFault = ({ place, refuse, ampersand: { line, column } }: Written, fault: Fault): never => {
  if (!fault.isReference) return refuse(fault.kind, fault.what);
  throw new fault.kind(
    `${place}: ${fault.what} at line ${line}, column ${column}, allowed &amp; or a reference that ends in ;`,
  );
};

/** saxes gathers no text that nobody reads: it counts as it is written. */
const checkGathered = (w: Written, gathered: number): void => {
  const { lexer, limits, refuse } = w;
  const { kind } = lexer;
  if (kind === 'doctype') {
    if (gathered > limits.dtdLength) refuseDtd(w);
    return;
  }
  const unread = isInText(lexer) && !w.wantsText ? lexer.textLength : 0;
  if (Math.max(unread, gathered) > limits.textLength)
    refuse(XmlLimitExceeded, `a text is over textLength, ${limits.textLength} characters`);
};
