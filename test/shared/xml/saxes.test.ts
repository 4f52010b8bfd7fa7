import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { StrictSaxes } from '../../../shared/xml/saxes.ts';
import { rounds } from '../../rounds.ts';

/** Our quick methods against saxes' own, over documents and what is nearly one: each event with its place, and the first error. */

type Parser = Pick<StrictSaxes, 'on' | 'line' | 'column' | 'textHandler'> & {
  write(chunk: string): unknown;
  close(): unknown;
};

/** Which texts are wanted, by the number of tags before them: the text handler is switched off and on as our parser does. */
type Wants = (tags: number) => boolean;

const eventsOf = (parser: Parser, pieces: readonly string[], wants: Wants): string[] => {
  const events: string[] = [];
  const tell = (what: string) => events.push(`${parser.line}:${parser.column} ${what}`);
  const text = (data: string) => void tell(`text ${JSON.stringify(data)}`);
  let tags = 0;
  const tagged = () => {
    tags += 1;
    parser.textHandler = wants(tags) ? text : undefined;
  };
  if (wants(0)) parser.on('text', text);
  parser.on('cdata', (data) => tell(`cdata ${JSON.stringify(data)}`));
  parser.on('opentag', (tag) => {
    tell(`open ${tag.name} ${JSON.stringify(tag.attributes)} ${tag.isSelfClosing}`);
    tagged();
  });
  parser.on('closetag', (tag) => {
    tell(`close ${tag.name}`);
    tagged();
  });
  try {
    for (const piece of pieces) parser.write(piece);
    parser.close();
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
  return events;
};

const fail = (message: string): never => {
  throw new Error(message);
};

/** saxes as it is, its errors told as ours are. */
const plain = (): Parser => {
  const parser = new SaxesParser({ forceXMLVersion: true, defaultXMLVersion: '1.0' });
  parser.on('error', (error) => fail(error.message.replace(/^\d+:\d+: /, '')));
  return parser as unknown as Parser; // its text handler is private in its types only
};

const quick = (): StrictSaxes => {
  const parser = new StrictSaxes();
  parser.onFail = fail;
  return parser;
};

const TEXTS = ['x', ' ', '\n', '\r\n', '\r', '\t', ']', ']]', '>', '&amp;', '&#10;', '&', '&no;', 'é', '😀'];
const ODD = ['\u0001', '\ud800', '\ufffe', '\u0085', '\u2028', ']]>'];
const MARKUP = ['<a>', '</a>', '<bc>', '</bc>', '<a/>', '<a x="1\n2">', '</a >', '<é>', '</é>', '<a\n>'];
const REST = [
  '<!-- - -->',
  '<![CDATA[ ]] ]]>',
  '<?p i?>',
  '<',
  '</',
  '<1>',
  '</>',
  '<a:b>',
  '</a:b>',
  '<a.-_1>',
];

const token = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 5, arbitrary: fc.constantFrom(...MARKUP) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD, ...REST) },
);
const balanced: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      ...TEXTS.slice(0, 11),
      'é',
      '😀',
      '<a/>',
      '<a />',
      '<a:b/>',
      '<é/>',
      '<bc></bc >',
      '<b/>',
    ),
    fc
      .tuple(fc.constantFrom('a', 'b', 'bc', 'a:b', 'é', '𐀀'), fc.array(tie('node'), { maxLength: 5 }))
      .map(([name, inner]) => `<${name}>${inner.join('')}</${name}>`),
  ),
})).node;
/** Few records many times over, so that what followed a tag last time is mostly what follows, and then is not; perhaps with a hole. */
const repeated = fc
  .tuple(
    fc.array(balanced, { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat({ max: 2 }), { maxLength: 40 }),
    fc.constantFrom('', '\n', '\r\n  '),
    fc.nat(),
    fc.constantFrom(0, 0, 1, 2, 5),
  )
  .map(([records, order, between, at, hole]) => {
    const whole = `<r>${order.map((n) => records[n % records.length]).join(between)}</r>`;
    const start = at % whole.length;
    return whole.slice(0, start) + whole.slice(start + hole);
  });
const documents = fc.oneof(
  fc.array(balanced, { maxLength: 8 }).map((inner) => `<r>${inner.join('')}</r>\n`),
  repeated,
  fc.array(token, { maxLength: 20 }).map((inner) => `<r>${inner.join('')}</r>`),
  fc.array(token, { maxLength: 8 }).map((inner) => inner.join('')),
);

/** Cuts a text into pieces of these sizes, over and over. */
const cut = (text: string, sizes: readonly number[]): string[] => {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieces.at(-1)?.length ?? 1) {
    pieces.push(text.slice(at, at + (sizes[pieces.length % sizes.length] ?? 1)));
  }
  return pieces;
};

const sizes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
  fc.constant([100_000]),
);
const wanted = fc.oneof(fc.constant([true]), fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }));

test('the loop gives the events, places and errors of saxes itself, wherever a document is cut and whichever texts are wanted', () => {
  fc.assert(
    fc.property(documents, sizes, wanted, (text, cuts, pattern) => {
      const pieces = cut(text, cuts);
      const wants: Wants = (tags) => pattern[tags % pattern.length] === true;
      expect(eventsOf(quick(), pieces, wants)).toEqual(eventsOf(plain(), pieces, wants));
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
        expect(eventsOf(quick(), pieces, wants)).toEqual(eventsOf(plain(), pieces, wants));
      }
    }
  }
});

test('tags that are too many or too long to be remembered are read all the same', () => {
  const names = Array.from({ length: 6000 }, (_, n) => `n${n}${n % 50 === 0 ? 'x'.repeat(300) : ''}`);
  const inner = names.map((name, n) => (n % 3 === 0 ? `<${name}/>` : `<${name}>${n}</${name}>\n`)).join('');
  const pieces = cut(`<r>${inner}${inner}</r>`, [1000, 64_000, 7]);
  expect(eventsOf(quick(), pieces, () => true)).toEqual(eventsOf(plain(), pieces, () => true));
});
