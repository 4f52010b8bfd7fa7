import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Sessions of one application, by the cookie that stands for them. */
export interface Sessions {
  /** A new session's `Set-Cookie` line. */
  open(): string;
  /** Whether the request has a session that is still good; it uses one of its requests. */
  use(request: IncomingMessage): boolean;
  /** Whether it has one, without using it. */
  has(request: IncomingMessage): boolean;
  expire(): void;
}

export const makeSessions = (name: string, path: string, requestsPerSession?: number): Sessions => {
  const left = new Map<string, number>();
  const idOf = ({ headers }: IncomingMessage): string | undefined =>
    (headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim().split('='))
      .find(([own]) => own === name)?.[1];
  const has = (request: IncomingMessage): boolean => (left.get(idOf(request) ?? '') ?? 0) > 0;
  return {
    open: () => {
      const id = randomUUID();
      left.set(id, requestsPerSession ?? Number.POSITIVE_INFINITY);
      return `${name}=${id}; Path=${path}; HttpOnly`;
    },
    has,
    use: (request) => {
      const id = idOf(request) ?? '';
      if (!has(request)) return false;
      left.set(id, (left.get(id) ?? 0) - 1);
      return true;
    },
    expire: () => left.clear(),
  };
};
