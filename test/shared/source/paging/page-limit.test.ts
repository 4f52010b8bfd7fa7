import { describe, expect, test } from 'vitest';
import { PagingLoop } from '../../../../shared/errors.ts';
import { MAX_SLICE_PAGES, nextPage } from '../../../../shared/source/paging/next-page.ts';

const FIRST = 'https://h.example/items';

/** A server that has a new token on each page, so that no request is ever made twice. */
const pageAfter = (page: number, token: string) =>
  nextPage(
    { token: '/r/@token', param: 't' },
    {
      request: { url: FIRST },
      answeredBy: FIRST,
      header: () => undefined,
      wanted: { token },
      records: 1,
      recordsBefore: page - 1,
      again: () => ({ url: FIRST }),
    },
    { seen: new Set(), follow: (link) => new URL(link), page, isRepeated: false },
  );

describe('a source whose paging never ends', () => {
  test('is read up to the most pages of a slice', () => {
    expect(pageAfter(MAX_SLICE_PAGES - 1, 'a')?.url).toBe(`${FIRST}?t=a`);
  });

  test('is refused beyond them, with what to look at', () => {
    expect(() => pageAfter(MAX_SLICE_PAGES, 'a')).toThrow(PagingLoop);
    expect(() => pageAfter(MAX_SLICE_PAGES, 'a')).toThrow(
      /page 100001 of its slice, allowed 100000; .*next\.token/,
    );
  });

  test('may end with the last page that is allowed', () => {
    expect(pageAfter(MAX_SLICE_PAGES, '')).toBeUndefined();
  });
});
