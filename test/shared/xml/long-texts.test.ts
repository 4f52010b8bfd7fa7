import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { column, contractOf, parse, table } from './documents.ts';

/** Texts that are longer than what is read at once, and handed over in parts. */

const CONTRACT = contractOf([
  table('r', '/r/i', [
    column('a', 'a', { type: { kind: 'super' }, trim: false }),
    column('words', 'c/text()', { type: { kind: 'super' } }),
    column('b', '@b', { type: { kind: 'super' }, trim: false }),
    column('text', 'd', { type: { kind: 'super' }, as: 'text', trim: false }),
    column('markup', 'd', { type: { kind: 'super' }, as: 'xml' }),
  ]),
]);

/** How a part of a text is written, and what it says. */
const WAYS = [
  ['&lt;', '<'],
  ['&lt;&amp;&gt;&quot;&apos;', `<&>"'`],
  ['&#60;&#x1F600;', '<😀'],
  ['&e; ', 'it is & é '],
  ['a\r\nb]', 'a\nb]'],
  ['<![CDATA[<&amp;]]]]><!-- no --><?p q?>', '<&amp;]]'],
] as const;

const repeat = (text: string): string => text.repeat(900);
const written = WAYS.map(([xml]) => repeat(xml)).join('');
const said = WAYS.map(([, text]) => repeat(text)).join('');
const inTag = WAYS.slice(0, 4);
const markup = `<d>${said.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}<e/></d>`;
const xml = `<!DOCTYPE r [<!ENTITY e "it is &#38;amp; é">]><r><i b="${inTag.map(([x]) => repeat(x)).join('')}"><a>${written}</a><c>${written}<e/></c><d>${written}<e/></d></i></r>`;

describe('a long text', () => {
  test.each([61, 4096, 100_000, undefined])(
    'is whole, however it is written, in pieces of %s bytes',
    async (chunk) => {
      const { rows, rejects } = await parse(xml, CONTRACT, chunk === undefined ? {} : { chunk });
      expect(rejects.map(({ reason }) => reason)).toEqual([]);
      const value = (text: string): string => JSON.stringify(text);
      expect(rows[0]?.[0]).toEqual([
        value(said),
        value(said),
        value(inTag.map(([, text]) => repeat(text)).join('')),
        value(said),
        value(markup),
      ]);
    },
  );

  test.each([
    ['references', '&lt;'.repeat(20_001)],
    ['lines', 'a\n'.repeat(10_001)],
    ['sections and comments', '<![CDATA[ab]]><!-- c -->'.repeat(10_001)],
  ])('of %s counts as one, however many parts it has', async (_, text) => {
    const limits = { ...DEFAULT_LIMITS, textLength: 20_000 };
    for (const chunk of [997, 100_000]) {
      await expect(parse(`<r><i><a>${text}</a></i></r>`, CONTRACT, { limits, chunk })).rejects.toThrow(
        'doc: a text is over textLength, 20000 characters',
      );
    }
    const short = `<r><i><a>${text.slice(0, text.length / 2 - 12)}`;
    await expect(parse(short, CONTRACT, { limits })).rejects.toThrow('the document ends before');
  });
});
