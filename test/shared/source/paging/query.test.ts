import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepParams, readParam, setParam } from '../../../../shared/source/paging/query.ts';
import { percentEncode } from '../../../../shared/source/template.ts';

const BASE = 'https://b.example/a';
const name = fc.string({ minLength: 1, maxLength: 6 });
const pairs = fc.array(fc.tuple(name, fc.string({ maxLength: 6 })), { maxLength: 5 });
const urlOf = (all: readonly (readonly [string, string])[]): string =>
  all.length === 0
    ? BASE
    : `${BASE}?${all.map(([key, value]) => `${percentEncode(key)}=${percentEncode(value)}`).join('&')}`;

describe('the query of a URL', () => {
  test('has the parameter that was set, once, and all others as they stood', () => {
    fc.assert(
      fc.property(pairs, name, fc.string(), (all, key, value) => {
        const url = setParam(urlOf(all), key, value);
        expect(readParam(url, key.toWellFormed())).toBe(value.toWellFormed());
        const others = all.filter(([own]) => own !== key);
        expect(
          keepParams(
            url,
            others.map(([own]) => own),
          ),
        ).toBe(urlOf(others));
      }),
    );
  });

  test('keeps what is written in another encoding', () => {
    expect(setParam(`${BASE}?q=a+b&%zz=1&flag`, 'pos', '5')).toBe(`${BASE}?q=a+b&%zz=1&flag&pos=5`);
    expect(readParam(`${BASE}?q=a+b&flag`, 'q')).toBe('a b');
    expect(readParam(`${BASE}?q=1`, 'other')).toBeUndefined();
  });
});
