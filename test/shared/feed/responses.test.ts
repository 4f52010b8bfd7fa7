import { describe, expect, it } from 'vitest';
import { edit, feedOf, problemsOf, WORK_ITEMS } from './sample.ts';

const withRules = (rules: string, text = WORK_ITEMS) =>
  edit(text, 'headers: {', `responses: ${rules}\n    headers: {`);

describe('rules for answers', () => {
  it('are kept in their order, as they are written', () => {
    const { source } = feedOf(
      withRules('[{ status: [404, 5xx], then: empty }, { path: "/*:Envelope//*:Fault/@a", then: fail }]'),
    );
    expect(JSON.stringify(source)).toContain(
      '"responses":[{"status":[404,"5xx"],"then":"empty"},{"path":"/*:Envelope//*:Fault/@a","then":"fail"}]',
    );
  });

  it.each([
    [
      'an unknown word',
      '[{ status: 404, then: ignore }]',
      "8:38: source.http.responses[0].then: got 'ignore', allowed retry fail empty login",
    ],
    [
      'an unknown key',
      '[{ stats: 404, then: empty }]',
      "8:19: source.http.responses[0].stats: unknown key, did you mean 'status'",
    ],
    ['no rule', '[]', '8:16: source.http.responses: got a list of 0, allowed at least 1 items'],
    [
      'a status of another kind',
      '[{ status: 6xx, then: fail }]',
      "8:27: source.http.responses[0].status: got '6xx', allowed a class such as 5xx",
    ],
    [
      'no word',
      '[{ status: 404 }]',
      '8:17: source.http.responses[0].then: is missing, allowed retry fail empty login',
    ],
    [
      'a rule of nothing',
      '[{ then: fail }]',
      '8:17: source.http.responses[0]: got neither status nor path, allowed one or both: what the answer has',
    ],
    [
      'every page',
      '[{ status: [404, 2xx], then: empty }]',
      '8:27: source.http.responses[0].status: got 404 2xx, which every page answers with, allowed with a path beside it',
    ],
    [
      'a relative path',
      '[{ path: error/@code, then: fail }]',
      "8:25: source.http.responses[0].path: got 'error/@code', allowed an absolute path such as /error/@code",
    ],
    [
      'a path that is none',
      '[{ status: 500, path: "/error[", then: fail }]',
      '8:38: source.http.responses[0].path: ',
    ],
    [
      'an unknown prefix',
      '[{ path: "/soap:Envelope", then: fail }]',
      "8:25: source.http.responses[0].path: got the prefix 'soap', allowed those in namespaces",
    ],
    [
      'what every page has',
      '[{ path: "/*", then: fail }]',
      "8:25: source.http.responses[0].path: got '/*', which pages with /workitem/workItem have, allowed what only other answers have",
    ],
  ])('are refused with their place: %s', (_, rules, problem) => {
    const problems = problemsOf(withRules(rules));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it('may have a root of their own, and a status of pages beside a path', () => {
    expect(problemsOf(withRules('[{ status: 200, path: "/error/@code", then: fail }]'))).toEqual([]);
  });

  it('log in anew only where there is a session', () => {
    const text = `feed: f
source: { http: { url: "https://a.example/x", responses: [{ status: 403, then: login }] } }
tables: { a.b: { rows: /r/x, disposition: append, columns: { c: bigint } } }
`;
    expect(problemsOf(text)).toEqual([
      '2:80: source.http.responses[0].then: got login with auth none, which has no session, allowed with any other auth',
    ]);
    expect(problemsOf(withRules('[{ status: 403, then: login }]'))).toEqual([]);
  });
});
