import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rounds } from '../../rounds.ts';
import { contractOf, parse, table } from './documents.ts';

const CONTRACT = contractOf([table('any', '/r', [])]);

const text = fc
  .array(fc.constantFrom('x', ' ', '\n', '\r\n', '\r', '\t', 'é', '😀', '&amp;', ']', '<a/>', '<!--\n-->'), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

/** What may follow an & that begins no reference; the document may have a semicolon much later, or none. */
const rest = fc
  .tuple(
    fc.constantFrom(' ', '\n', '\r\n', 'x ', 'é😀\n', '<b/>', '"'),
    fc.array(fc.constantFrom('y', '\n', '\r\n', '😀', ' ', '<', '\ufffe'), { maxLength: 5 }),
    fc.constantFrom('', ';', '; z'),
  )
  .map(([first, more, end]) => first + more.join('') + end);

test('a bare & is told by its own line and column, wherever the document is cut and its lines end', async () => {
  await fc.assert(
    fc.asyncProperty(text, rest, fc.integer({ min: 1, max: 12 }), async (before, after, chunk) => {
      const head = `<r>${before}`;
      const lines = head.split(/\r\n|\r|\n/);
      const column = [...(lines.at(-1) ?? '')].length + 1;
      await expect(parse(`${head}&${after}</r>`, CONTRACT, { chunk })).rejects.toThrow(
        `doc: a bare & at line ${lines.length}, column ${column}, allowed &amp; or a reference that ends in ;`,
      );
    }),
    { numRuns: rounds(500) },
  );
});

test('a bare & in an attribute is told so too', async () => {
  const xml = '<r>\n<a x="😀 &\n y"/></r>';
  for (const chunk of [1, 2, 3, 4, 5, 100]) {
    await expect(parse(xml, CONTRACT, { chunk })).rejects.toThrow('doc: a bare & at line 2, column 9,');
  }
});
