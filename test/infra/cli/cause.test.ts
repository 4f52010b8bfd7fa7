import { describe, expect, it } from 'vitest';
import { toCauseText, toFirstSentence } from '../../../infra/cli/cause.ts';

describe('a cause in a line', () => {
  it('is its first sentence, and says where the rest is where there is one', () => {
    expect(toCauseText('answered 503', 'X')).toBe('answered 503');
    expect(toCauseText('answered 503\n', 'X')).toBe('answered 503');
    expect(toCauseText('too many\n  first: a\n  then: b', 'X')).toBe('too many (all of it: X)');
    expect(toCauseText('a'.repeat(700), 'X')).toBe(`${'a'.repeat(600)}… (all of it: X)`);
    expect(toFirstSentence('abcdef\nx', 3)).toBe('abc…');
  });

  it('ends behind a word, unless that would leave little of it', () => {
    expect(toFirstSentence('run npx millrace rebuild it', 20)).toBe('run npx millrace…');
    expect(toFirstSentence('a bcdefghijklmnopqrstuvw', 20)).toBe('a bcdefghijklmnopqrs…');
  });
});
