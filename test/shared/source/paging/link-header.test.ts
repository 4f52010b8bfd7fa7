import { describe, expect, test } from 'vitest';
import { readNextLink } from '../../../../shared/source/paging/link-header.ts';

describe('the next link of a Link header', () => {
  test.each([
    ['<https://b.example/?p=2>; rel="next"', 'https://b.example/?p=2'],
    ['<https://b.example/?a=1,2;3>; rel=next', 'https://b.example/?a=1,2;3'],
    ['<?p=0>; rel="prev", <?p=2>; rel="next"; title="a, b; \\" c"', '?p=2'],
    ['<?p=2>; title="x"; REL="last NEXT"', '?p=2'],
    ['<?p=9>; rel="last"; rel="next", <?p=2>; rel="next"', '?p=2'],
    ['<?p=2>;rel="next', '?p=2'],
    ['<?p=2>; rel="nextish"', undefined],
    ['?p=2; rel="last"', undefined],
    ['?p=3; rel=next, <?p=2>; rel=next', '?p=2'],
    ['<?p=2', undefined],
    ['', undefined],
  ])('of %j is %j', (value, target) => {
    expect(readNextLink(value, 'page 1')).toBe(target);
  });
});
