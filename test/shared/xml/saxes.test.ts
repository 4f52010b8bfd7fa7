import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { StrictSaxes } from '../../../shared/xml/saxes.ts';

/** Our quick methods against saxes' own, over documents and what is nearly one: each event with its place, and the first error. */

type Parser = Pick<StrictSaxes, 'on' | 'line' | 'column'> & {
  write(chunk: string): unknown;
  close(): unknown;
};

const eventsOf = (parser: Parser, pieces: readonly string[]): string[] => {
  const events: string[] = [];
  const tell = (what: string) => events.push(`${parser.line}:${parser.column} ${what}`);
  parser.on('text', (text) => tell(`text ${JSON.stringify(text)}`));
  parser.on('cdata', (text) => tell(`cdata ${JSON.stringify(text)}`));
  parser.on('opentag', (tag) =>
    tell(`open ${tag.name} ${JSON.stringify(tag.attributes)} ${tag.isSelfClosing}`),
  );
  parser.on('closetag', (tag) => tell(`close ${tag.name}`));
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
const plain = (): SaxesParser => {
  const parser = new SaxesParser({ forceXMLVersion: true, defaultXMLVersion: '1.0' });
  parser.on('error', (error) => fail(error.message.replace(/^\d+:\d+: /, '')));
  return parser;
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
    fc.constantFrom(...TEXTS.slice(0, 11), 'é', '😀', '<a/>', '<a />', '<a:b/>', '<é/>', '<bc></bc >'),
    fc
      .tuple(fc.constantFrom('a', 'bc', 'a:b', 'é', '𐀀'), fc.array(tie('node'), { maxLength: 5 }))
      .map(([name, inner]) => `<${name}>${inner.join('')}</${name}>`),
  ),
})).node;
const documents = fc.oneof(
  fc.array(balanced, { maxLength: 8 }).map((inner) => `<r>${inner.join('')}</r>\n`),
  fc.array(token, { maxLength: 20 }).map((inner) => `<r>${inner.join('')}</r>`),
  fc.array(token, { maxLength: 8 }).map((inner) => inner.join('')),
);

const cut = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size));

test('the quick methods give the events, places and errors of saxes itself, wherever a document is cut', () => {
  fc.assert(
    fc.property(documents, fc.integer({ min: 1, max: 40 }), (text, size) => {
      const pieces = cut(text, size);
      expect(eventsOf(quick(), pieces)).toEqual(eventsOf(plain(), pieces));
    }),
    { numRuns: 1500 },
  );
});
