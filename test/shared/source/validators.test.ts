import { describe, expect, it } from 'vitest';
import { readValidators, toConditions } from '../../../shared/source/validators.ts';

const read = (headers: Record<string, string>) => readValidators((name) => headers[name]);
const DATE = 'Mon, 23 Nov 2026 12:00:00 GMT';

describe('validators of an answer', () => {
  it.each([
    ['a strong tag', { etag: '"a-1"' }, { etag: '"a-1"' }],
    ['a weak one', { etag: 'W/"a"' }, { etag: 'W/"a"' }],
    ['an empty one', { etag: '""' }, { etag: '""' }],
    [
      'a date',
      { 'last-modified': 'Mon, 23 Nov 2026 11:59:00 GMT', date: DATE },
      { lastModified: 'Mon, 23 Nov 2026 11:59:00 GMT' },
    ],
    [
      'both',
      { etag: '"a"', 'last-modified': 'Sun, 22 Nov 2026 11:59:00 GMT', date: DATE },
      { etag: '"a"', lastModified: 'Sun, 22 Nov 2026 11:59:00 GMT' },
    ],
  ])('are kept as they are written: %s', (_, headers, expected) => {
    expect(read(headers)).toEqual(expected);
  });

  it.each([
    ['none', {}],
    ['a tag without quotes', { etag: 'abc' }],
    ['a tag that is no header', { etag: '"a\nb"' }],
    ['a tag of any length', { etag: `"${'a'.repeat(600)}"` }],
    [
      'a date within the minute of the answer',
      { 'last-modified': 'Mon, 23 Nov 2026 11:59:01 GMT', date: DATE },
    ],
    ['a date without that of the answer', { 'last-modified': 'Mon, 23 Nov 2026 11:00:00 GMT' }],
    ['a date of another form', { 'last-modified': '2026-11-23T11:00:00Z', date: DATE }],
  ])('are not relied upon: %s', (_, headers: Record<string, string>) => {
    expect(read(headers)).toBeUndefined();
  });

  it('become conditions', () => {
    expect(toConditions({ etag: '"a"', lastModified: DATE })).toEqual([
      ['if-none-match', '"a"'],
      ['if-modified-since', DATE],
    ]);
    expect(toConditions({})).toEqual([]);
  });
});
