import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { newXmlParser } from '../../../shared/xml/parser.ts';
import { gatheredBy, newSaxes, takeGathered } from '../../../shared/xml/saxes.ts';
import { rounds } from '../../rounds.ts';
import { cut, documents, sizes, wanted } from './near-documents.ts';

/** Our parser against saxes itself, over documents and what is nearly one, cut anywhere. */

/** Which texts are wanted, by the number of tags before them. */
type Wants = (tags: number) => boolean;

interface Told {
  /** With the place of each, but for texts: they may come in parts, and are joined. What stands behind the root is refused earlier than saxes tells of it. */
  readonly events: string[];
  hasFailed: boolean;
}

const newTold = () => {
  const told: Told = { events: [], hasFailed: false };
  let text = '';
  const tell = (what: string): void => {
    if (text !== '') told.events.push(`text ${JSON.stringify(text)}`);
    text = '';
    told.events.push(what);
  };
  const add = (data: string): void => {
    text += data;
  };
  return { told, tell, add };
};

const readAll = (
  { told, tell }: ReturnType<typeof newTold>,
  pieces: readonly string[],
  write: (piece: string) => unknown,
  end: () => unknown,
): Told => {
  try {
    for (const piece of pieces) write(piece);
    end();
  } catch {
    told.hasFailed = true;
  }
  tell('end');
  return told;
};

const bySaxes = (pieces: readonly string[], wants: Wants): Told => {
  const saxes = new SaxesParser({ forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const of = newTold();
  let tags = 0;
  let depth = 0;
  let wantsText = false;
  const tagged = (what: string): void => {
    of.tell(`${saxes.line}:${saxes.column} ${what}`);
    tags += 1;
    wantsText = wants(tags);
  };
  const add = (text: string): void => {
    if (wantsText && depth > 0) of.add(text);
  };
  saxes.on('error', (error) => {
    throw error;
  });
  saxes.on('text', add);
  saxes.on('cdata', add);
  saxes.on('opentag', ({ name, attributes }) => {
    depth += 1;
    tagged(`open ${name} ${JSON.stringify(attributes)}`);
  });
  saxes.on('closetag', ({ name }) => {
    depth -= 1;
    tagged(`close ${name}`);
  });
  return readAll(
    of,
    pieces,
    (piece) => saxes.write(piece),
    () => saxes.close(),
  );
};

const byOurs = (pieces: readonly string[], wants: Wants): Told => {
  const of = newTold();
  const open: string[] = [];
  let tags = 0;
  const tagged = (what: string): boolean => {
    const { line, column } = parser.position();
    of.tell(`${line}:${column} ${what}`);
    tags += 1;
    return wants(tags);
  };
  const parser = newXmlParser('doc', DEFAULT_LIMITS, {
    open: (name, attributes) => {
      open.push(name);
      return tagged(`open ${name} ${JSON.stringify(attributes ?? {})}`);
    },
    text: (text) => {
      if (open.length > 0) of.add(text);
    },
    close: () => tagged(`close ${open.pop()}`),
    warn: () => undefined,
  });
  return readAll(of, pieces, parser.write, parser.end);
};

/** What our rules refuse beside saxes, and what saxes does not know: no such document is compared. */
const isOurs = (text: string): boolean => /<\?a:b|<\?p\?x|&no;|&(?!amp;|#10;)|\ufeff/.test(text);

test('our parser tells of what saxes tells of, with its places, wherever a document is cut and whichever texts are wanted', () => {
  fc.assert(
    fc.property(documents, sizes, wanted, (text, cuts, pattern) => {
      fc.pre(!isOurs(text));
      const pieces = cut(text, cuts);
      const wants: Wants = (tags) => pattern[tags % pattern.length] === true;
      expect(byOurs(pieces, wants)).toEqual(bySaxes(pieces, wants));
    }),
    { numRuns: rounds(2500) },
  );
});

test.each([
  '<r>x]]></r>',
  '<r><a>]]</a>><a>]]</a>]]<a>></a></r>',
  '<r><a>]&#93;></a><a>]<![CDATA[]]]]>></a><a>]<!-- -->]></a></r>',
  '<r><a>x&amp;y</a>\r\n<a>\r</a>&lt;<b/>&#13;\n</r>\r\n',
  '<é><𐀀>😀</𐀀><𐀀/>\n<𐀀>😀<a/></𐀀></é>\n\n',
  '<r><ab/><a/><a></a><ab></ab><ab></a></ab></r>',
  '<r><a/></r><a/>',
  '<r><a/></r>x',
])('%j is read as saxes reads it, cut at every two places', (text) => {
  for (let first = 0; first <= text.length; first += 1) {
    for (let second = first; second <= text.length; second += 1) {
      const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
      for (const wants of [() => true, (tags: number) => tags % 2 === 0]) {
        expect(byOurs(pieces, wants)).toEqual(bySaxes(pieces, wants));
      }
    }
  }
});

describe('what saxes gathers, which alone is private', () => {
  test('of a text that goes on can be read and taken', () => {
    const saxes = newSaxes();
    const texts: string[] = [];
    saxes.on('text', (text) => void texts.push(text));
    saxes.write('<r>ab&amp;');
    saxes.write('c');
    expect(gatheredBy(saxes), 'this version of saxes gathers texts in another way').toBe('ab&c');
    expect(takeGathered(saxes)).toBe('ab&c');
    saxes.write('d</r>').close();
    expect(texts).toEqual(['d']);
  });

  test.each([
    ['a value', '<r x="ab'],
    ['a comment', '<r><!--ab'],
    ['a section', '<r><![CDATA[ab'],
    ['an instruction', '<?p ab'],
    ['a document type', '<!DOCTYPEab'],
  ])('of %s is there while it goes on', (_, xml) => {
    const saxes = newSaxes();
    for (const character of xml) saxes.write(character);
    expect(gatheredBy(saxes), 'this version of saxes gathers in another way').toBe('ab');
  });
});
