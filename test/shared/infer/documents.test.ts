import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../rounds.ts';
import { infer } from './inferred.ts';

/** An element of a random document; its values are texts that no other has. */
interface Tree {
  readonly name: string;
  readonly attributes: readonly string[];
  /** Texts stand before, between and behind the children. */
  readonly texts: readonly (string | undefined)[];
  readonly children: readonly Tree[];
}

const NAMES = ['a', 'b', 'itemId', 'p:c', 'p:a', 'q:d', 'name', 'value', 'key'];
const ATTRIBUTES = ['id', 'key', 'p:id', 'xml:lang', 'value', 'name'];
/** Some values look like others' types; the words are found again in the rows. */
const LITERALS = [
  '1',
  '-7',
  '007',
  '+49',
  '1.50',
  '1e3',
  '2024-02-30',
  '2024-02-29',
  '2024-05-22T12:12:50Z',
].concat([
  'true',
  'No',
  '  ',
  '',
  '2024-05-22T12:12:50',
  'Tue, 05 Mar 2024 10:00:00 GMT',
  '-0',
  '99999999999999999999',
  'NaN',
  'ä'.repeat(40),
]);

const value = fc.oneof(
  { weight: 3, arbitrary: fc.constant('word') },
  { weight: 2, arbitrary: fc.constantFrom(...LITERALS) },
);

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: fc.constantFrom(...NAMES),
    attributes: fc.uniqueArray(fc.constantFrom(...ATTRIBUTES), { maxLength: 2 }),
    texts: fc.array(fc.option(value, { nil: undefined, freq: 2 }), { maxLength: 3 }),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 4 })),
  }),
})).tree;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<"]/g, (char) => ESCAPES[char] ?? char);

/** The document, its words by the path of the element that they stand in, and the paths of elements with words beside elements. */
const write = (root: Tree, isDefault: boolean) => {
  const words: { word: string; path: readonly string[]; isAttribute: boolean }[] = [];
  const mixed = new Set<string>();
  let n = 0;
  const next = (text: string, path: readonly string[], isAttribute: boolean): string => {
    if (text !== 'word') return text;
    n += 1;
    words.push({ word: `w${n}w`, path, isAttribute });
    return `w${n}w`;
  };
  const element = ({ name, attributes, texts, children }: Tree, above: readonly string[]): string => {
    const path = [...above, name];
    const isMixed =
      children.length > 0 && texts.slice(0, children.length + 1).some((text) => (text ?? '').trim() !== '');
    if (isMixed) mixed.add(path.join('/'));
    const inTag = attributes.map((key) => ` ${key}="${escaped(next('word', path, true))}"`).join('');
    const parts: string[] = [];
    for (let at = 0; at <= children.length; at += 1) {
      const text = texts[at];
      const child = children[at];
      if (text !== undefined) parts.push(escaped(next(text, path, false)));
      if (child !== undefined) parts.push(element(child, path));
    }
    const declared =
      above.length > 0 ? '' : ` xmlns:p="urn:p" xmlns:q="urn:q"${isDefault ? ' xmlns="urn:d"' : ''}`;
    return `<${name}${declared}${inTag}>${parts.join('')}</${name}>`;
  };
  return { xml: element(root, []), words, mixed };
};

describe('any document with a value', () => {
  it('gets a feed that is right, rejects no row of it, and loses no value of a record', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.boolean(), async (root, isDefault) => {
        const { xml, words, mixed } = write(root, isDefault);
        if (words.length === 0) return;
        const { text, rows, rejects, summary, feed } = await infer(xml);
        expect(rejects, `${xml}\n${text}`).toEqual([]);
        expect(summary.orphans).toBe(0);
        const held = JSON.stringify(rows);
        const records = feed.contract.tables
          .filter(({ parent }) => parent === undefined)
          .map(({ rows: path }) => path);
        for (const { word, path, isAttribute } of words) {
          const depths = path.map((_, at) => `/${path.slice(0, at + 1).join('/')}`);
          const record = depths.findIndex((one) => records.includes(one));
          // Attributes within words are markup, which `as: text` leaves out, also of an element that has none while another of its path has.
          const isMarkup =
            isAttribute &&
            path.some(
              (_, at) => mixed.has(path.slice(0, at + 1).join('/')) && (at > record || at + 1 < path.length),
            );
          if (record >= 0 && !isMarkup) expect(held, `${word} of ${xml}\n${text}`).toContain(word);
        }
      }),
      { numRuns: rounds(200) },
    );
  });
});
