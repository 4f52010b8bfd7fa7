import { describe, expect, it } from 'vitest';
import { DocumentMismatch, SourceRefused, SourceUnavailable } from '../../../../shared/errors.ts';
import { findRule, judge, needsDocument, type Rules } from '../../../../shared/source/responses/match.ts';
import { readByRules } from '../../../../shared/source/responses/read-by-rules.ts';
import { CONSEQUENCES, type ResponseRule } from '../../../../shared/source/responses/registry.ts';

const rule = (becomes: ResponseRule['then'], keys: Pick<ResponseRule, 'status' | 'path'>): ResponseRule =>
  Object.fromEntries([['then', becomes], ...Object.entries(keys)]) as ResponseRule;

const found = (rules: Rules, status: number, signs: Record<string, string> = {}) =>
  findRule(rules, { place: 'p', status, signs })?.index;

describe('the rule that an answer matches', () => {
  const rules = [
    rule('empty', { status: [404, '1xx'] }),
    rule('retry', { status: '5xx', path: '/e/busy' }),
    rule('fail', { path: '/e' }),
    rule('login', { status: 503 }),
  ];

  it('is the first one, by its status, its path, or both', () => {
    expect(found(rules, 404, { 'responses[2]': '' })).toBe(0);
    expect(found(rules, 101)).toBe(0);
    expect(found(rules, 503, { 'responses[1]': 'x', 'responses[2]': '' })).toBe(1);
    expect(found(rules, 200, { 'responses[1]': 'x', 'responses[2]': '' })).toBe(2);
    expect(found(rules, 503)).toBe(3);
    expect(found(rules, 500)).toBeUndefined();
    expect(found(rules, 405)).toBeUndefined();
  });

  it('needs a document only where some rule of that status has a path', () => {
    expect(needsDocument(rules.slice(0, 2), 404)).toBe(false);
    expect(needsDocument(rules.slice(0, 2), 502)).toBe(true);
    expect(needsDocument(rules, 404)).toBe(true);
  });
});

describe('what becomes of an answer', () => {
  const of = (becomes: ResponseRule['then'], status = 500) => {
    const rules = [rule(becomes, { status, path: '/e/@code' })];
    const answered = { place: 'https://h.example/x page 2', status, signs: { 'responses[0]': 'E7' } };
    const match = findRule(rules, answered);
    if (match === undefined) throw new Error('no rule');
    return judge(answered, match, 'E7');
  };

  it('says URL, page, status, text, and the rule with what it matched', () => {
    expect(of('fail')).toMatchObject({
      kind: 'error',
      error: {
        constructor: SourceRefused,
        message:
          'https://h.example/x page 2 answered 500 with "E7", by source.http.responses[0] (status 500, path /e/@code, then fail): a failure',
      },
    });
    expect(of('retry')).toMatchObject({ kind: 'error', error: { constructor: SourceUnavailable } });
  });

  it('is the fault of the request unless the source speaks of who asks', () => {
    expect(of('fail', 400)).toMatchObject({ error: { isRequestAtFault: true } });
    expect(of('fail', 403)).toMatchObject({ error: { isRequestAtFault: false } });
  });

  it('is told of each word', () => {
    expect(CONSEQUENCES.map(({ word }) => of(word as ResponseRule['then']).kind)).toEqual([
      'error',
      'error',
      'end',
      'again',
    ]);
  });
});

describe('a page that is held to the rules', () => {
  const rules = (becomes: ResponseRule['then']) => [rule(becomes, { path: '/e' })];
  const page = (signs: Record<string, string> = {}, records = 0) => ({
    place: 'p',
    isEmpty: false,
    records,
    signs,
  });
  const fault = { 'responses[0]': 'over' };
  const read = async (
    becomes: ResponseRule['then'],
    ...pages: readonly ReturnType<typeof page>[]
  ): Promise<{ readonly asked: readonly boolean[]; readonly page: ReturnType<typeof page> }> => {
    const asked: boolean[] = [];
    const given = await readByRules(
      rules(becomes),
      (text) => text.toUpperCase(),
      async (isLapsed) => {
        asked.push(isLapsed);
        return pages[asked.length - 1] ?? page();
      },
    );
    return { asked, page: given };
  };

  it('is read once where no rule matches', async () => {
    expect(await read('login', page({}, 3))).toEqual({ asked: [false], page: page({}, 3) });
  });

  it('is the end where one says so', async () => {
    expect(await read('empty', page(fault))).toMatchObject({ asked: [false], page: { isEmpty: true } });
  });

  it('is asked for once more after a login, and not twice', async () => {
    expect(await read('login', page(fault), page({}, 3))).toEqual({
      asked: [false, true],
      page: page({}, 3),
    });
    await expect(read('login', page(fault), page(fault))).rejects.toThrow(
      /answered 200 with "OVER", by source.http.responses\[0\] .*: so it did before a new login$/,
    );
  });

  it('is an error where a rule speaks of a page without records and there are some', async () => {
    for (const becomes of ['empty', 'login'] as const)
      await expect(read(becomes, page(fault, 3))).rejects.toThrow(
        expect.objectContaining({
          constructor: DocumentMismatch,
          message: expect.stringMatching(/its document has records too, 3, allowed none$/),
        }),
      );
  });

  it('fails and is tried again whatever it has besides', async () => {
    await expect(read('fail', page(fault, 3))).rejects.toThrow(SourceRefused);
    await expect(read('retry', page(fault, 3))).rejects.toThrow(SourceUnavailable);
  });
});
