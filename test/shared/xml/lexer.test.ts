import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Kind, type Lexer, newLexer, toText } from '../../../shared/xml/lexer-state.ts';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { newPieces } from '../../../shared/xml/pieces.ts';
import { newSaxes } from '../../../shared/xml/saxes.ts';
import { rounds } from '../../rounds.ts';
import { cut, documents, PROLOGS, sizes } from './near-documents.ts';

describe('the lexer is where saxes is', () => {
  /** By the names of saxes' own methods, which are private: no more than this test has need of them. */
  const KINDS: readonly (readonly [RegExp, Kind])[] = [
    [/^(?:sBegin|sBeginWhitespace|sText)$/, 'text'],
    [/^sEntity$/, 'reference'],
    [/^sOpenWaka/, 'opening'],
    [/^sComment/, 'comment'],
    [/^sCData/, 'section'],
    [/^(?:sPIFirstChar|sPIRest)$/, 'target'],
    [/^(?:sPI|sXMLDecl)/, 'instruction'],
    [/^(?:sDoctype|sDTD)/, 'doctype'],
    [/^sAttribValueQuoted$/, 'value'],
    [/^s(?:OpenTag|CloseTag|Attrib)/, 'tag'],
  ];

  const kindOf = (saxes: object): Kind | undefined => {
    const { stateTable, state } = saxes as { stateTable: readonly { name: string }[]; state: number };
    const name = stateTable[state]?.name ?? '';
    return KINDS.find(([pattern]) => pattern.test(name))?.[1];
  };

  const expectTogether = (pieces: readonly string[]): void => {
    const saxes = newSaxes();
    const lexer: Lexer = newLexer(DEFAULT_LIMITS);
    const refuse = (_: unknown, what: string): never => {
      throw new Error(what);
    };
    saxes.on('error', ({ message }) => refuse(Error, message));
    saxes.on('doctype', () => toText(lexer));
    saxes.on('attribute', () => undefined);
    saxes.ENTITIES.no = '1';
    const { write } = newPieces({
      saxes,
      lexer,
      place: 'doc',
      limits: DEFAULT_LIMITS,
      handlers: { text: () => undefined },
      refuse,
      wantsText: false,
      ampersand: { line: 1, column: 0 },
    });
    for (const piece of pieces) {
      try {
        write(piece);
      } catch {
        return;
      }
      // saxes keeps these back until the next piece.
      if (/[\r\ud800-\udbff]$/.test(piece) || lexer.kind === 'lost') continue;
      expect([piece, lexer.kind]).toEqual([piece, kindOf(saxes)]);
    }
  };

  test('wherever a document is cut', () => {
    fc.assert(
      fc.property(documents, sizes, (text, cuts) => {
        // Decoders give no half of a character; saxes takes one together with what follows.
        fc.pre(text.isWellFormed());
        expectTogether(cut(text, cuts));
      }),
      { numRuns: rounds(2500) },
    );
  });

  test.each(PROLOGS.map((prolog) => `${prolog}<r x='&no;"'><?p?>&no;<![CDATA[]]]]><!--->--></r>`))(
    'behind every character of %j',
    (text) => expectTogether([...text]),
  );
});
