import { describe, expect, test } from 'vitest';
import { column, contractOf, parse, table } from './documents.ts';

const CONTRACT = contractOf(
  [
    table('o', '/f:orders/f:order', [
      column('id', '@id'),
      column('city', 'f:to/f:town'),
      column('first', "f:line[@n='1']/@sku"),
      column('own', '../@of'),
    ]),
  ],
  { namespaces: { f: 'urn:f' } },
);

const orders = (inner: string): string => `<orders xmlns="urn:f" by="x"><head/>${inner}</orders>`;

describe('what a document holds besides what is mapped', () => {
  test('is listed by path with counts: elements without children, and attributes, of records', async () => {
    const record = '<order id="1" state="n"><to><city>B</city></to><line n="1" sku="s"/><line n="2"/>';
    const { summary } = await parse(
      orders(`${record}<x:e xmlns:x="urn:x" x:a="1"/></order>${record}</order>`),
      CONTRACT,
      { chunk: 5 },
    );
    expect(summary.held.unmapped()).toEqual([
      { path: '/f:orders/f:order/@state', count: 2 },
      { path: '/f:orders/f:order/f:to/f:city', count: 2 },
      { path: '/f:orders/f:order/f:line', count: 2 },
      { path: '/f:orders/f:order/*:e', count: 1 },
      { path: '/f:orders/f:order/*:e/@*:a', count: 1 },
    ]);
    expect(summary.held.elsewhere).toBe(0);
  });

  test('is near to a path that matched nothing, in the words of a feed', async () => {
    const { held } = (await parse(orders('<order key="1"><to><city>B</city></to></order>'), CONTRACT))
      .summary;
    expect(held.nearest('s.o.id')).toBe('@key');
    expect(held.nearest('s.o.city')).toBe('f:to/f:city');
    expect(held.nearest('s.o.own')).toBe('../@by');
    expect(held.nearest('s.o.nothing')).toBeUndefined();
    const { summary } = await parse(orders('<ordr/>'), CONTRACT);
    expect(summary.held.nearest('s.o')).toBe('/f:orders/f:ordr');
    expect(summary.matched).not.toContain('s.o');
  });

  test('is near by what is written much alike before what nothing reads, and an attribute to an attribute', async () => {
    const contract = contractOf([
      table('i', '/r/i', [
        column('id', '@id'),
        column('index', '@idx'),
        column('label', '@lable'),
        column('text', 'lable'),
      ]),
    ]);
    const { held } = (await parse('<r><i id="1" label="a"><label>b</label></i></r>', contract)).summary;
    expect(held.nearest('s.i.index')).toBe('@id');
    expect(held.nearest('s.i.label')).toBe('@label');
    expect(held.nearest('s.i.text')).toBe('label');
  });

  test('leaves out elements at the place of rows that a predicate takes from them', async () => {
    const contract = contractOf([table('i', "/r/i[@x='1']", [column('x', '@x')])]);
    const { held } = (await parse('<r><i x="1"><in/></i><i x="2" y="3"><out/></i><i z=""/></r>', contract))
      .summary;
    expect(held.unmapped()).toEqual([{ path: '/r/i/in', count: 1 }]);
  });

  test('has places at any depth, and the nearest to a path of any depth', async () => {
    const contract = contractOf([
      table('g', '//group', [column('id', '@id'), column('t', 'a//titel')]),
      table('n', '//grup', [column('id', '@id')]),
    ]);
    const xml = '<r><group id="1"><a><title/></a><group id="2"><note/></group></group></r>';
    const { held } = (await parse(xml, contract)).summary;
    expect(held.unmapped()).toEqual([
      { path: '//group/a/title', count: 1 },
      { path: '//group/note', count: 1 },
    ]);
    expect(held.nearest('s.n')).toBe('//group');
    expect(held.nearest('s.g.t')).toBe('a//title');
  });

  test('is bounded: beyond some places elements are counted together', async () => {
    const names = Array.from({ length: 5000 }, (_, n) => `<n${n}><m/></n${n}>`).join('');
    const { summary } = await parse(orders(`<order id="1">${names}</order>`), CONTRACT);
    const told = summary.held.unmapped();
    expect(told.length).toBeLessThan(2000);
    // 10,000 and the head, less those of 2,000 places.
    expect(summary.held.elsewhere).toBeGreaterThan(7900);
    expect(summary.held.elsewhere).toBeLessThan(8100);
  });
});

describe('text()', () => {
  test('leaves out white space alone: an element has words in one record and a child in the next', async () => {
    const contract = contractOf([
      table('r', '/r/i', [column('own', 'text()'), column('inner', 'v'), column('lang', '@xml:lang')]),
    ]);
    const { rows, rejects } = await parse(
      '<r>\n<i xml:lang="en">\n words\n</i>\n<i>\n <v>nested</v>\n</i>\n<i>\u00a0<v/></i></r>',
      contract,
    );
    expect(rejects).toEqual([]);
    expect(rows).toEqual([
      [
        ['words', null, 'en'],
        [null, 'nested', null],
        ['\u00a0', null, null],
      ],
    ]);
  });
});
