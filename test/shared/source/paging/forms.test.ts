import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DocumentMismatch, PagingLoop, UntrustedHost } from '../../../../shared/errors.ts';
import { readParam } from '../../../../shared/source/paging/query.ts';
import { type Next, next, PAGING_FORMS } from '../../../../shared/source/paging/registry.ts';
import { type Served, walkPages } from './walk-pages.ts';

const URL = 'https://books.example/api?q=a%20b';
const idsOf = (count: number): readonly number[] => Array.from({ length: count }, (_, id) => id);
const numberIn = (url: string, name: string): number => Number(readParam(url, name));

/** A server of so many records in pages of so many, for each form. */
const servers: Readonly<
  Record<string, (count: number, size: number) => { next: Next; serve: (url: string) => Served }>
> = {
  url: (count, size) => ({
    next: { url: '/r/@next' },
    serve: (url) => {
      const at = Number(readParam(url, 'at') ?? 0);
      const ids = idsOf(count).slice(at, at + size);
      return at + size < count ? { ids, wanted: { next: `?at=${at + size}` } } : { ids };
    },
  }),
  token: (count, size) => ({
    next: { token: '/r/token', param: 't', keep: ['verb'] },
    serve: (url) => {
      const at = Number(readParam(url, 't') ?? 0);
      const ids = idsOf(count).slice(at, at + size);
      return { ids, wanted: { token: at + size < count ? ` ${at + size}\n` : '' } };
    },
  }),
  page: (count, size) => ({
    next: { page: 'page' },
    serve: (url) => ({
      ids: idsOf(count).slice((numberIn(url, 'page') - 1) * size, numberIn(url, 'page') * size),
    }),
  }),
  offset: (count, size) => ({
    next: { offset: 'pos', by: size, until: { total: '/r/@total' } },
    serve: (url) => {
      const at = numberIn(url, 'pos');
      return { ids: idsOf(count).slice(at, at + size), wanted: { total: String(count) } };
    },
  }),
  header: (count, size) => ({
    next: { header: 'Link' },
    serve: (url) => {
      const at = Number(readParam(url, 'at') ?? 0);
      const ids = idsOf(count).slice(at, at + size);
      return at + size < count ? { ids, headers: { link: `<?at=${at + size}>; rel="next"` } } : { ids };
    },
  }),
};

describe('every form of paging', () => {
  test('has a server in this test', () => {
    expect(Object.keys(servers).sort()).toEqual(PAGING_FORMS.map(({ head }) => head).sort());
  });

  test.each(Object.keys(servers))('%s reads each record once, in order, whatever the pages', (head) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 12 }), (count, size) => {
        const server = servers[head]?.(count, size);
        if (server === undefined) throw new Error(`no server for ${head}`);
        const { ids } = walkPages(server.next, URL, ({ url }) => server.serve(url));
        expect(ids).toEqual(idsOf(count));
      }),
    );
  });

  test.each(Object.keys(servers))('%s is chosen by its own key alone', (head) => {
    const chosen = servers[head]?.(1, 1).next;
    expect(next.parse(chosen)).toEqual(chosen);
    expect(next.safeParse({ ...chosen, other: 'x' }).success).toBe(false);
  });
});

describe('paging by a token', () => {
  test('keeps the parameters that it is told to keep, and all without that', () => {
    const once = (request: { url: string }): Served => ({
      ids: [1],
      wanted: { token: readParam(request.url, 't') !== undefined ? '' : 'a+b' },
    });
    const kept = walkPages(
      { token: '/r/t', param: 't', keep: ['verb'] },
      'https://b.example/?verb=List&set=x',
      once,
    );
    expect(kept.asked.at(-1)?.url).toBe('https://b.example/?verb=List&t=a%2Bb');
    const all = walkPages({ token: '/r/t', param: 't' }, 'https://b.example/?verb=List&set=x', once);
    expect(all.asked.at(-1)?.url).toBe('https://b.example/?verb=List&set=x&t=a%2Bb');
  });

  test('without a parameter makes the first request again, with the token in it', () => {
    const again = (token: string) => ({ url: 'https://b.example/soap', body: `<c>${token}</c>` });
    const tokens = ['one', 'two', ''];
    const { asked } = walkPages(
      { token: '/e/c' },
      'https://b.example/soap',
      () => ({ ids: [1], wanted: { token: tokens.shift() ?? '' } }),
      again,
    );
    expect(asked.map(({ body }) => body)).toEqual([undefined, '<c>one</c>', '<c>two</c>']);
  });
});

describe('paging that would lose rows or never end is refused', () => {
  const linked = (target: string) =>
    walkPages({ url: '/r/@next' }, URL, () => ({ ids: [1], wanted: { next: target } }));

  test('a link back to a page that was read', () => {
    expect(() => linked(URL)).toThrow(PagingLoop);
    expect(() => linked('?q=other')).toThrow(/leads back/);
  });

  test('a link to another host', () => {
    expect(() => linked('https://evil.example/')).toThrow(UntrustedHost);
  });

  test.each([{ page: 'page' }, { offset: 'pos', by: 1 }])(
    '%j of a source that takes no notice of it',
    (form) => {
      expect(() => walkPages(form, URL, () => ({ ids: [7] }))).toThrow(/takes no notice/);
    },
  );

  test('a server that gives fewer records than the offset goes on by', () => {
    const clamped = ({ url }: { url: string }): Served => ({
      ids: idsOf(30).slice(numberIn(url, 'pos'), numberIn(url, 'pos') + 10),
      wanted: { total: '30' },
    });
    const form = { offset: 'pos', by: 'size', until: { total: '/r/@total' } };
    expect(() => walkPages(form, `${URL}&size=20`, clamped)).toThrow(DocumentMismatch);
    expect(() => walkPages(form, `${URL}&size=20`, clamped)).toThrow(
      /gave 10 records at offset 0 .* allowed 20/,
    );
    expect(walkPages(form, `${URL}&size=10`, clamped).ids).toEqual(idsOf(30));
  });

  test('a server that gives fewer records than the offset goes on by, where the end is an empty page', () => {
    const clamped = ({ url }: { url: string }): Served => ({
      ids: idsOf(30).slice(numberIn(url, 'pos') - 3, numberIn(url, 'pos') + 7),
    });
    const form = { offset: 'pos', by: 'size', from: 3 };
    expect(() => walkPages(form, `${URL}&size=20`, clamped)).toThrow(
      /records at offset 23 .* gave 10, allowed 20 .*next\.by/,
    );
    expect(walkPages(form, `${URL}&size=10`, clamped).ids).toEqual(idsOf(30));
  });

  test.each([
    { page: 'page', until: { total: '/r/@pages' } },
    { offset: 'pos', by: 2, until: { total: '/r/@pages' } },
  ])('a page with more records than the total of %j', (form) => {
    const serve = (): Served => ({ ids: [1, 2], wanted: { total: '1' } });
    expect(() => walkPages(form, URL, serve)).toThrow(/2 records, allowed 1, the total .* at \/r\/@pages/);
  });

  test('a source that gives the same few pages over and over', () => {
    const serve = ({ url }: { url: string }): Served => ({ ids: [numberIn(url, 'page') % 3] });
    expect(() => walkPages({ page: 'page' }, URL, serve)).toThrow(/page 4 .*takes no notice of next\.page/);
  });

  test('a link to the next page that is not written as one', () => {
    const serve = (): Served => ({ ids: [1], headers: { link: '<?p=1>; rel="prev", ?p=2; rel="next"' } });
    expect(() => walkPages({ header: 'Link' }, URL, serve)).toThrow(/"\?p=2; rel=\\"next\\""/);
  });

  test('an empty page before the total is reached', () => {
    const form = { page: 'page', until: { total: '/r/@total' } };
    const serve = ({ url }: { url: string }): Served => ({
      ids: numberIn(url, 'page') === 1 ? [1, 2] : [],
      wanted: { total: '3' },
    });
    expect(() => walkPages(form, URL, serve)).toThrow(/no record after 2, allowed 3/);
  });

  test('a total that is no count', () => {
    const form = { page: 'page', until: { total: '/r/@total' } };
    expect(() => walkPages(form, URL, () => ({ ids: [1], wanted: { total: 'many' } }))).toThrow(
      /"many" at \/r\/@total/,
    );
    expect(() => walkPages(form, URL, () => ({ ids: [1] }))).toThrow(/nothing at/);
  });
});
