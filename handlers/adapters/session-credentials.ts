import type { Redactor } from '../../shared/redact/redactor.ts';
import type { Header } from '../../shared/source/auth/kind.ts';

/** What one session lets others in by, told to the redactor: it is as secret as what it was given for. */
export interface SessionCredentials {
  learnHeaders(headers: readonly Header[]): void;
  learnCookie(value: string): void;
}

/** Cookies also say `Form` and `en-US`, which stand in every other message. */
const SHORTEST_COOKIE = 8;
/** Servers may set a cookie a page: those before the last ones are quoted by nobody. */
const MOST_KEPT = 64;

/** Headers that say nothing of who asks. */
const PUBLIC: ReadonlySet<string> = new Set(['user-agent', 'accept', 'content-type', 'cookie']);

export const newSessionCredentials = (id: string, redactor: Redactor): SessionCredentials => {
  const kept = new Set<string>();
  const learn = (values: readonly string[]): void => {
    const fresh = values.filter((value) => !kept.has(value));
    if (fresh.length === 0) return;
    for (const value of fresh) kept.add(value);
    for (const old of [...kept].slice(0, -MOST_KEPT)) kept.delete(old);
    redactor.learn(`session of ${id}`, Object.fromEntries([...kept].map((value, at) => [String(at), value])));
  };
  return {
    learnHeaders: (headers) =>
      learn(
        headers.flatMap(([name, value]) =>
          PUBLIC.has(name) ? [] : [value, value.slice(value.lastIndexOf(' ') + 1)],
        ),
      ),
    learnCookie: (value) => learn(value.length < SHORTEST_COOKIE ? [] : [value]),
  };
};
