import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { parseDocument } from '../../../shared/xml/document.ts';
import { column, contractOf, table } from './documents.ts';

const plain = contractOf([
  table('o', '/a//o', [column('id', '@id'), column('name')], { key: ['id'], disposition: 'merge' }),
  table('l', '/a//o/l', [column('n', '@n'), column('t', 'text()')], {
    parent: { table: 's.o', columns: [] },
  }),
  table('m', '/a//o/l/m', [column('x', '@x')], { parent: { table: 's.l', columns: [] } }),
]);
const hashed = withRecordHash(plain);

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Rows as they are given: `table number parent: values`. */
const read = async (text: string, contract = hashed, size = 7) => {
  const rows: string[] = [];
  const hashes = new Map<string, string | null>();
  await parseDocument(
    cut(text, size),
    { contract, place: 'p', rowNumbers: { base: 0, used: [0, 0, 0] } },
    {
      row: (of, values, number, parent) => {
        if (of === 0 && contract === hashed) hashes.set(String(values[0]), values[2] ?? null);
        rows.push(`${of} ${number} ${parent}: ${values.slice(0, of === 0 ? 2 : undefined).join(' ')}`);
      },
      reject: () => undefined,
      ready: () => undefined,
    },
  );
  return { rows, hashes };
};

const one = async (inside: string, id = '1'): Promise<string | null | undefined> =>
  (await read(`<a><o id="${id}">${inside}</o></a>`)).hashes.get(id);

describe("a record's hash", () => {
  test('is the same for the same rows, wherever the record stands and however the document is cut', async () => {
    const record = '<o id="1"><l n="1">x<m x="2"/></l><name>b</name></o>';
    const alone = (await read(`<a>${record}</a>`)).hashes.get('1');
    expect(alone).toMatch(/^[\w-]{22}$/);
    for (const size of [1, 2, 1000])
      expect(
        (await read(`<a><o id="0"/><!-- c -->${record}<o id="2"/></a>`, hashed, size)).hashes.get('1'),
      ).toBe(alone);
  });

  test.each([
    ['a value', '<name>b</name>', '<name>c</name>'],
    ['null and an absent value', '<l n="1">x</l>', '<l n="">x</l>'],
    ['a child more', '<l n="1"/>', '<l n="1"/><l n="1"/>'],
    ['a grandchild', '<l n="1"><m x="1"/></l>', '<l n="1"><m x="2"/></l>'],
    [
      'a grandchild of another child',
      '<l n="1"><m x="1"/></l><l n="1"/>',
      '<l n="1"/><l n="1"><m x="1"/></l>',
    ],
    ['the order of children', '<l n="1"/><l n="2"/>', '<l n="2"/><l n="1"/>'],
    ['where one value ends and the next begins', '<l n="ab">c</l>', '<l n="a">bc</l>'],
  ])('is another by %s', async (_, before, after) => {
    expect(await one(before)).not.toBe(await one(after));
  });

  test('is not another by what no column reads', async () => {
    expect(await one('<name>b</name><other/>')).toBe(await one('<name z="1">b</name>'));
  });

  test('leaves out what is ignored, and says that it does', async () => {
    const [orders = expect.unreachable(), ...below] = plain.tables;
    const ignoring = withRecordHash({ ...plain, tables: [{ ...orders, ignore: ['name'] }, ...below] });
    const hashOf = async (inside: string): Promise<string | undefined> => {
      const found: string[] = [];
      await parseDocument(
        cut(`<a><o id="1">${inside}</o></a>`, 7),
        { contract: ignoring, place: 'p', rowNumbers: { base: 0, used: [0, 0, 0] } },
        {
          row: (of, values) => {
            if (of === 0) found.push(String(values[2]));
          },
          reject: () => undefined,
          ready: () => undefined,
        },
      );
      return found[0];
    };
    expect(await hashOf('<name>b</name>')).toBe(await hashOf('<name>c</name>'));
    expect(await hashOf('<l n="1"/>')).not.toBe(await hashOf('<l n="2"/>'));
    expect(await hashOf('<name>b</name>')).not.toBe(await one('<name>b</name>'));
  });

  test('of records in each other says what lies below each', async () => {
    const inner = '<o id="2"><l n="1"/></o>';
    const { hashes } = await read(`<a><o id="1"><name>x</name>${inner}</o></a>`);
    expect(hashes.get('2')).toBe((await read(`<a>${inner}</a>`)).hashes.get('2'));
  });

  test('changes neither the rows nor their order', async () => {
    const line = fc.tuple(fc.nat(2), fc.array(fc.nat(2), { maxLength: 2 }));
    const documents = fc.array(fc.array(line, { maxLength: 3 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 50 }), async (records, size) => {
        const xml = records.map((lines, id) => {
          const below = lines.map(([n, ms]) => `<l n="${n}">${ms.map((x) => `<m x="${x}"/>`).join('')}</l>`);
          return `<o id="${id}">${below.join('')}</o>`;
        });
        const text = `<a>${xml.join('')}</a>`;
        expect((await read(text, hashed, size)).rows).toEqual((await read(text, plain, size)).rows);
      }),
    );
  });
});
