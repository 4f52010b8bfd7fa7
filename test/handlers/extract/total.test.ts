import { describe, expect, it } from 'vitest';
import { DocumentMismatch } from '../../../shared/errors.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { executeToEnd, feedOf, schedule, sealedIds, worldOf } from './world.ts';

const feed = (total: string, next = `{ url: "/workitem[@rel='next']/@href" }`, rows = '/workitem/workItem') =>
  feedOf(
    'items',
    `source:
  http:
    url: http://127.0.0.1:8080/workitem
    next: ${next}
    total: ${total}
schedule: rate(15 minutes)
tables:
  ewm.items: { rows: "${rows}", disposition: append, columns: { id: bigint } }
`,
  );

/** Reads three pages of two, each with a total of its own, and gives what became of it. */
const read = async (of: ReturnType<typeof feed>, totalOf: (page: number) => string, stepsOf = 3) => {
  const world = worldOf(of, {
    ...pagedSource({
      pages: 3,
      rowsPerPage: 2,
      onOpen: (page) => {
        // Long pages make a step of each.
        if (stepsOf === 1) world.clock.advance(61_000);
        const next = page < 3 ? `?pos=${page}` : undefined;
        return pageXml(2 * page - 1, 2 * page, next).replace('<workitem', `<workitem${totalOf(page)}`);
      },
    }),
  });
  const { outcome = '', error } = (await executeToEnd(world, schedule())).at(-1) ?? {};
  return { outcome, error, rows: outcome === 'Done' ? sealedIds(world, 'ewm.items').length : 0 };
};

const mismatch = (message: RegExp | string) => ({
  outcome: 'DocumentMismatch',
  error: expect.objectContaining({ constructor: DocumentMismatch, message: expect.stringMatching(message) }),
});

describe('a total that the source says', () => {
  it('of each page holds, or fails the slice with both numbers', async () => {
    const of = feed('{ path: /workitem/@n, of: page }');
    expect(await read(of, () => ' n=" 2 "')).toMatchObject({ outcome: 'Done', rows: 6 });
    expect(await read(of, (page) => ` n="${page === 3 ? 3 : 2}"`)).toMatchObject(
      mismatch(/page 3: the page has 2 records, allowed 3, the total that the source says at \/workitem\/@n/),
    );
  });

  it('of all pages is that of the last one', async () => {
    const of = feed('{ path: /workitem/@n, of: all }');
    expect(await read(of, () => ' n="6"')).toMatchObject({ outcome: 'Done', rows: 6 });
    expect(await read(of, () => ' n="7"')).toMatchObject(
      mismatch(/page 3: the slice ends with 6 records, allowed 7, the total that the source says/),
    );
  });

  it('is counted over the steps of a slice', async () => {
    const of = feed('{ path: /workitem/@n, of: all }');
    expect(await read(of, () => ' n="6"', 1)).toMatchObject({ outcome: 'Done', rows: 6 });
  });

  it('is asked of each page', async () => {
    for (const none of ['', ' n=""', ' n="many"', ' n="-2"', ' n="1e1"'])
      expect(await read(feed('{ path: /workitem/@n, of: all }'), () => none)).toMatchObject(
        mismatch(/page 1 has .* at \/workitem\/@n, which total names, allowed a count of records/),
      );
  });

  it('counts what a predicate takes out of the rows', async () => {
    const of = feed('{ path: /workitem/@n, of: page }', undefined, "/workitem/workItem[id='1']");
    expect(await read(of, () => ' n="2"')).toMatchObject({ outcome: 'Done', rows: 1 });
  });

  it('may stand where next reads its own', async () => {
    const of = feed(
      '{ path: /workitem/@n, of: all }',
      '{ page: pos, from: 0, until: { total: /workitem/@n } }',
    );
    expect(await read(of, () => ' n="6"')).toMatchObject({ outcome: 'Done', rows: 6 });
  });
});
