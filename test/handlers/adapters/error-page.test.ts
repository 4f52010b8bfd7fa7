import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotePage, readStart } from '../../../handlers/adapters/error-page.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { expectLinear } from '../../fakes/linear-cost.ts';

const asItIs = (text: string): string => text;

describe('the quotation of a page', () => {
  it.each([
    ['<h1>Bad</h1> <p>request</p>', ': Bad request'],
    ['a<SCRIPT type="x">var a = "<b>";</SCRIPT >b<style>p{}</style>c', ': a b c'],
    ['<scripts>kept</scripts>', ': kept'],
    ['before<script>never ended <b>', ': before'],
    ['1 < 2 and no end', ': 1 < 2 and no end'],
    ['<html><body></body></html>', ''],
    ['', ''],
  ])('of %j is %j', (page, quotation) => {
    expect(quotePage(page, asItIs)).toBe(quotation);
  });

  it('is 300 characters at most, and says nothing of what is between < and >', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', 'script', 'style', '</', ' ', 'x', '"'), { maxLength: 400 }),
        (parts) => {
          const page = parts.join('');
          const quotation = quotePage(page, asItIs);
          expect(quotation.length).toBeLessThanOrEqual(302);
          expect(quotation).not.toMatch(/<[^<>]*>/);
        },
      ),
    );
  });

  it('holds no half of a secret where it is cut', () => {
    const redactor = newRedactor();
    redactor.learn('shop/token', { token: 'QXZ79QXZ79QXZ79' });
    for (let before = 280; before < 310; before++) {
      expect(quotePage(`${'a'.repeat(before)}QXZ79QXZ79QXZ79`, redactor.redact)).not.toMatch(/[QXZ79]/);
    }
  });

  it.each(['<', '<script', '<script>', '</', '< ', '<style></', '>', '<script></script>'])(
    'of a page of %j costs no more than its size',
    async (part) => {
      // Pages are cut at 64 KB: that is the larger size.
      await expectLinear(8 * 1024, (length) => {
        const page = part.repeat(length / part.length);
        return () => {
          for (let n = 0; n < 512; n += 1) quotePage(page, asItIs);
        };
      });
    },
  );

  it('is made of the first 64 KB', async () => {
    const chunk = new Uint8Array(40 * 1024).fill(97);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
    expect((await readStart(new Response(endless))).length).toBe(64 * 1024);
  });
});
