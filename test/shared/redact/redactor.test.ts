import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_TEXT, newRedactor } from '../../../shared/redact/redactor.ts';
import { expectLinear } from '../../fakes/linear-cost.ts';
import { rounds } from '../../rounds.ts';

const LOGIN = { username: 'svc-reader', password: 'Pa55 w&rd/+"é\\%41' };

const knowing = (fields: Readonly<Record<string, string>>) => {
  const redactor = newRedactor();
  redactor.learn('shop/login', fields);
  return redactor;
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const toXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
const toAscii = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** How servers and formats write a text of theirs. */
const WRITINGS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in base64': base64,
  'in base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (text) =>
    encodeURIComponent(text).replaceAll(/%../g, (byte) => byte.toLowerCase()),
  'as a URL': encodeURI,
  'as a form': (text) => new URLSearchParams({ a: text }).toString().slice(2),
  'in JSON': (text) => JSON.stringify(text).slice(1, -1),
  'in JSON of ASCII': toAscii,
  'in JSON whose slashes are escaped': (text) => toAscii(text).replaceAll('/', '\\/'),
  'in XML': toXml,
  'in XML by numbers': (text) => [...text].map((one) => `&#x${one.codePointAt(0)?.toString(16)};`).join(''),
  'in upper case': (text) => text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()),
  'as ISO-8859-1 that was UTF-8': (text) => Buffer.from(text).toString('latin1'),
};
const names = fc.constantFrom(...Object.keys(WRITINGS));
const write = (how: string, text: string): string => WRITINGS[how]?.(text) ?? text;

/** Of letters that no text around them has, so that what is left of one shows. */
const secret = fc
  .array(fc.constantFrom(...'QXZ79', 'é', '𝔐', '&', '<', '"', "'", '/', '\\', '%', ' ', '?', '='), {
    minLength: 8,
    maxLength: 40,
  })
  .map((letters) => letters.join(''))
  .filter((text) => /[QXZ79]{2}/.test(text));
const around = fc
  .array(fc.constantFrom(...'abcd', ' ', '{', '}', '(', ':'), { maxLength: 30 })
  .map((all) => all.join(''));

describe('a redactor', () => {
  it('leaves a text as it is while it knows nothing', () => {
    expect(newRedactor().redact('answered 403: Pa55')).toBe('answered 403: Pa55');
  });

  it.each(Object.keys(WRITINGS))('hides each field, the login and its header %s', (how) => {
    const { username, password } = LOGIN;
    const { redact } = knowing(LOGIN);
    const pair = `${username}:${password}`;
    for (const value of [username, password, pair, base64(pair)]) {
      expect(redact(`<<${write(how, value)}>>`), value).toMatch(/^<<\*\*\*=*>>$/);
    }
    expect(redact(`<<${write(how, `Basic ${base64(pair)}`)}>>`)).not.toContain(write(how, base64(pair)));
  });

  it.each(['', '_', '-'])(
    'hides what is left of one in a name, with %j in place of other characters',
    (put) => {
      const name = LOGIN.password.replaceAll(/[^\w.-]/g, put);
      expect(knowing(LOGIN).redact(`root is <${name}>, expected <items>`)).toBe(
        'root is <***>, expected <items>',
      );
    },
  );

  it('hides a secret in every escape of its writings, between whatever stands around it', () => {
    fc.assert(
      fc.property(secret, names, names, around, around, (value, first, second, before, behind) => {
        fc.pre(first === 'as it is' || !/base64|ISO/.test(second));
        const written = write(second, write(first, value));
        const told = knowing({ token: value }).redact(`${before}${written}${behind}`);
        expect(told).toContain('***');
        const padding = 2 * '&#x3d;'.length;
        expect(told.length).toBeLessThanOrEqual(before.length + behind.length + 3 + padding);
      }),
      { numRuns: rounds(500) },
    );
  });

  it('hides a secret in the base64 of a longer text, wherever in it', () => {
    fc.assert(
      fc.property(secret, around, around, (value, before, behind) => {
        const written = base64(`${before}${value}${behind}`);
        const told = knowing({ token: value }).redact(written);
        const bits = Buffer.byteLength(before) * 8;
        const clear = written.slice(0, Math.floor(bits / 6));
        expect(told.startsWith(`${clear}***`)).toBe(true);
        const left = Buffer.from(told.slice(clear.length + 3), 'base64').length;
        expect(left).toBeLessThanOrEqual(Buffer.byteLength(behind));
      }),
    );
  });

  it('leaves at most three characters of a secret where its quotation was cut', () => {
    fc.assert(
      fc.property(
        secret,
        names,
        fc.double({ min: 0, max: 1, noNaN: true }),
        around,
        (value, how, at, before) => {
          const written = write(how, value);
          const cut = written.slice(0, Math.floor(at * written.length));
          for (const end of ['', '…', '"', '…"', '… at line 3']) {
            const told = knowing({ token: value }).redact(`${before}|${cut}${end}`);
            const left = told.slice(before.length + 1, end === '' ? undefined : -end.length);
            const longestCharacter = how === 'as it is' ? 1 : '%F0%9D%94%90'.length;
            expect(left.replace('***', '').length).toBeLessThanOrEqual(3 * longestCharacter);
          }
        },
      ),
    );
  });

  it('changes no text that holds none', () => {
    fc.assert(
      fc.property(secret, around, (value, text) => {
        expect(knowing({ token: value }).redact(text)).toBe(text);
      }),
    );
  });

  it('gives what is redacted as it is', () => {
    fc.assert(
      fc.property(secret, names, around, (value, how, text) => {
        const { redact } = knowing({ token: value });
        const once = redact(`${text}${write(how, value)} ${text}`);
        expect(redact(once)).toBe(once);
      }),
    );
  });

  it('does not look for less than four characters, which would turn messages into asterisks', () => {
    const { redact } = knowing({ username: 'e', password: 'abc' });
    expect(redact('page 3 of abc answered 404')).toBe('page 3 of abc answered 404');
    expect(redact(`Basic ${base64('e:abc')} e:abc`)).toBe('Basic *** ***');
  });

  it('hides what stands twice, overlaps, or touches, once each', () => {
    const { redact } = knowing({ token: 'abcabc', other: 'bcabcd' });
    expect(redact('abcabc-abcabcd-abcabcabcabc')).toBe('***-***-***');
  });

  it('knows of each secret the fields that were read last', () => {
    const redactor = knowing({ token: 'old-token' });
    redactor.learn('shop/other', { token: 'another-one' });
    redactor.learn('shop/login', { token: 'new-token' });
    expect(redactor.redact('old-token another-one new-token')).toBe('old-token *** ***');
  });

  it('says whether a link brings a secret in, which is no name of a user and was not in the request', () => {
    const { reveals } = knowing(LOGIN);
    const asked = 'https://shop.example/a?k=1';
    expect(reveals(`https://shop.example/b?p=${encodeURIComponent(LOGIN.password)}`, asked)).toBe(true);
    expect(reveals('https://shop.example/svc-reader/b', asked)).toBe(false);
    const own = `https://shop.example/${encodeURIComponent(LOGIN.password)}/a`;
    expect(reveals(`${own}?page=2`, own)).toBe(false);
  });

  it('cuts a text that is longer than any message, and leaves no half of a secret there', () => {
    const { redact } = knowing({ token: 'QQQQXXXXZZZZ' });
    const told = redact(`${'a'.repeat(LONGEST_TEXT - 6)}QQQQXXXXZZZZ${'b'.repeat(100_000)}`);
    expect(told).toBe(`${'a'.repeat(LONGEST_TEXT - 6)}***…`);
  });

  it.each([
    ['percent signs', '%'],
    ['escapes of escapes', '%2525'],
    ['references', '&amp;amp;'],
    ['backslashes', '\\\\'],
    ['quotation marks', '"'],
    ['cuts', '…'],
    ['beginnings of the secret', 'QQQQXXXXZZZ'],
    ['the secret', 'QQQQXXXXZZZZ'],
  ])('costs no more than its size for a text of %s', async (_, part) => {
    const { redact } = knowing({ username: 'QQQQXXXX', password: 'QQQQXXXXZZZZ' });
    await expectLinear(LONGEST_TEXT / 16, (length) => {
      const text = part.repeat(length / part.length);
      return () => {
        for (let n = 0; n < 64; n += 1) redact(text);
      };
    });
  });
});
