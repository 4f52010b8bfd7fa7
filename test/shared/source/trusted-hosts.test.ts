import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentMismatch, UntrustedHost } from '../../../shared/errors.ts';
import { followLink, showUrl } from '../../../shared/source/trusted-hosts.ts';

const PAGE = 'https://shop.example/items?p=1';
const follow = (link: string) => followLink(link, PAGE, ['shop.example'], 'page 1');
const messageOf = (link: string): string => {
  try {
    return follow(link).href;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

describe('a link', () => {
  it('of a trusted host is followed', () => {
    expect(follow('?p=2').href).toBe('https://shop.example/items?p=2');
  });

  it.each([
    'https://me:hunter2@shop.example/x',
    'https://hunter2@shop.example/x',
    '//me:hunter2@shop.example/x',
    'https://:hunter2@shop.example/x',
  ])('with a user in it is refused as such, and the user is not told: %s', (link) => {
    expect(() => follow(link)).toThrow(UntrustedHost);
    expect(messageOf(link)).toBe(
      "UntrustedHost: page 1 leads to https://shop.example/x with a user in the URL, which is not shown, allowed links without one: the feed's auth says who asks",
    );
  });

  it('that is no URL is quoted without its user', () => {
    const link = 'https://me:hunter2@shop.example:port/x@y';
    expect(() => follow(link)).toThrow(DocumentMismatch);
    expect(messageOf(link)).toContain('link "https://***@shop.example:port/x@y" on page 1 is not a URL');
  });

  it('tells no user, whatever it is, and is quoted in part where it is long', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('https://', 'http://', '//', 'ftp://'),
        fc.constantFrom('hunter2', 'me:hunter2', ':hunter2', 'a@hunter2'),
        fc.constantFrom('shop.example', 'other.example', '[', 'shop.example:port', ''),
        fc.constantFrom('', '/x', '?a=@b', '#@', '\\x', `/${'x'.repeat(5_000)}`),
        (scheme, user, host, rest) => {
          const message = messageOf(`${scheme}${user}@${host}${rest}`);
          expect(message).not.toContain('hunter2');
          expect(message.length).toBeLessThan(2_500);
        },
      ),
    );
  });
});

describe('a URL in a message', () => {
  it.each([
    ['https://me:pw@shop.example/a?b=1#c', 'https://shop.example/a?b=1#c'],
    [
      'https://bucket.example/k?X-Amz-Date=1&X-Amz-Signature=abc&x-amz-credential=d%2F',
      'https://bucket.example/k?X-Amz-Date=1&X-Amz-Signature=***&x-amz-credential=***',
    ],
    [
      'https://shop.example/?access_token=abc&token=2&sig',
      'https://shop.example/?access_token=***&token=2&sig',
    ],
    ['https://shop.example/?q=a%20b+c&&', 'https://shop.example/?q=a%20b+c&&'],
  ])('%s is %s', (url, shown) => {
    expect(showUrl(url)).toBe(shown);
  });
});
