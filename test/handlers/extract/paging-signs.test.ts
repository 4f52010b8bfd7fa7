import { describe, expect, it } from 'vitest';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { execute, feedOf, schedule, sealedBatches, sealedIds, worldOf } from './world.ts';

const feed = (next: string, rows = '/workitem/workItem', params = '{ size: 10 }') =>
  feedOf(
    'items',
    `source:
  http:
    url: http://127.0.0.1:8080/workitem
    params: ${params}
    next: ${next}
schedule: rate(15 minutes)
tables:
  ewm.items:
    rows: ${rows}
    disposition: append
    columns:
      id: bigint
`,
  );

/** Runs a feed over three pages of ten; its warnings, and how many rows it sealed. */
const read = async (
  of: ReturnType<typeof feed>,
  onOpen?: (page: number) => string | undefined,
  pages = 3,
) => {
  const source = pagedSource({ pages, rowsPerPage: 10, ...(onOpen === undefined ? {} : { onOpen }) });
  const world = worldOf(of, source);
  expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
  return {
    warnings: sealedBatches(world).flatMap(({ warnings }) => warnings),
    rows: sealedIds(world, 'ewm.items').length,
    opened: world.source.opened,
  };
};

describe('a path of next that matches nothing', () => {
  const told = 'so nothing after the first page was read, though';

  it.each([
    ['an attribute', "/workitem[@rel='next']/@hreff", '/workitem/@href'],
    ['an element', '/workitem/NextPage/@to', '/workitem/nextPage/@to'],
    ['the element of a text', '/workitem/nextPages', '/workitem/nextPage'],
  ])('is told with the path that the source has: %s', async (_, path, right) => {
    const body = pageXml(1, 10, '?pos=1').replace(
      '</workitem>',
      '<nextPage to="?pos=1">x</nextPage></workitem>',
    );
    const { warnings, rows } = await read(feed(`{ url: "${path}" }`, undefined, '{}'), () => body);
    expect(rows).toBe(10);
    expect(warnings).toEqual([
      `source.http.next.url: path ${path} matched nothing in the batch, ${told} the source has ${right}: write that path, or see how the source says that another page follows`,
    ]);
  });

  it('is told where a page has as many records as were asked for', async () => {
    const { warnings } = await read(feed('{ token: /workitem/token, param: pos }'));
    expect(warnings).toEqual([
      `source.http.next.token: path /workitem/token matched nothing in the batch, ${told} a page has as many records as its request asks for: see how the source says that another page follows`,
    ]);
  });

  it('is not told where it matched on a page before, or the only page is not full', async () => {
    const right = feed(`{ url: "/workitem[@rel='next']/@href" }`);
    expect(await read(right)).toMatchObject({ warnings: [], rows: 30 });
    const short = pageXml(1, 4);
    expect(await read(right, () => short)).toMatchObject({ warnings: [], rows: 4 });
    const back = short.replace('<workitem', '<workitem rel="previous" href="x"');
    expect(await read(right, () => back)).toMatchObject({ warnings: [], rows: 4 });
  });
});

describe('paging that counts, over rows with a predicate', () => {
  /** Ten elements a page, of which a page's last ones are of the kind that is mapped. */
  const mixed = (page: number): string => {
    if (page > 3) return '<workitem Version="1"/>';
    const kinds = { 1: 10, 2: 0, 3: 4 }[page] ?? 0;
    const items = Array.from(
      { length: 10 },
      (_, n) =>
        `<workItem kind="${n >= 10 - kinds ? 'task' : 'note'}"><id>${10 * (page - 1) + n}</id></workItem>`,
    );
    return `<workitem Version="1">${items.join('')}</workitem>`;
  };
  const rows = "/workitem/workItem[@kind='task']";

  it.each([
    ['a predicate on an attribute', rows],
    ['one that is known late', "/workitem/workItem[@kind!='note']"],
  ])('goes on over a page without any row: %s', async (_, path) => {
    const source = feed('{ page: p, until: empty }', path, '{}');
    const asked: number[] = [];
    const serve = (): string => mixed(asked.push(asked.length));
    expect(await read(source, serve)).toMatchObject({ rows: 14, warnings: [] });
    expect(asked).toHaveLength(4);
  });

  it('takes no page for short whose other elements make it full', async () => {
    const asked: number[] = [];
    const source = feed('{ offset: skip, by: 10 }', rows, '{}');
    expect(await read(source, () => mixed(asked.push(asked.length)))).toMatchObject({
      rows: 14,
      warnings: [],
    });
    expect(asked).toHaveLength(4);
  });
});
