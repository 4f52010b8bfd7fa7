import type { z } from 'zod';

/**
 * What a way of logging in is. A kind is a pure conversation: it yields the requests of a login, is handed their answers, and gives
 * what each data request carries from then on. Whoever runs it sends the requests, keeps the cookies, holds each URL to the trusted
 * hosts, and keeps the session for as long as it holds.
 */

export type Header = readonly [name: string, value: string];

/** One request of a login. Redirects are never followed: where one leads is part of the answer. */
export interface LoginRequest {
  readonly method: 'GET' | 'POST';
  /** Absolute. */
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body?: string;
}

/** What a server answered: to a request of a login, or to a data request that it did not know the sender of. */
export interface Answer {
  /** Of the request. */
  readonly url: string;
  readonly status: number;
  /** A header's value by its name in any case; several of one name are joined as HTTP does. */
  readonly header: (name: string) => string | undefined;
  /** `Set-Cookie` lines. */
  readonly cookies: readonly string[];
  /** The start of the body, 64 KiB at most; empty where only the head is known. */
  readonly body: string;
}

/** What data requests carry, besides the cookies that the login left. */
export interface Session {
  readonly headers: readonly Header[];
  /** How long it may be used; without it until the source asks for a login again. */
  readonly lifetimeMs?: number;
}

export type Conversation = Generator<LoginRequest, Session, Answer>;

export interface LoginInput<A> {
  readonly auth: A;
  /** The secret's fields, those of `secretFields` among them. */
  readonly secret: Readonly<Record<string, string>>;
  /** The source's demand, where there was one: then a session that was there before is worth nothing. */
  readonly challenge?: Answer;
}

type AuthSchema = z.ZodObject<{ kind: z.ZodLiteral<string> }>;

interface AuthDefinition<S extends AuthSchema, A = z.infer<S>> {
  /** Its keys, `kind` among them; texts say what each is. */
  readonly schema: S;
  /** What it does, for the documentation. */
  readonly says: string;
  /** Keys of its own that hold URLs: each is held to what a connection's URL is, and its host is trusted for the login. */
  readonly urls?: readonly string[];
  /** Fields that the login reads of the secret. */
  readonly secretFields: readonly string[];
  /** Throws SourceRefused where the source does not take the login, SourceUnavailable where it cannot answer now. */
  login(input: LoginInput<A>): Conversation;
  /** Whether an answer to a data request asks for a login that this kind can give; other refusals are the source's last word. */
  asksForLogin(answer: Omit<Answer, 'body'>): boolean;
}

export interface AuthKind<S extends AuthSchema = AuthSchema> extends AuthDefinition<S, unknown> {
  readonly kind: string;
}

/** A kind as the registry holds it: its login takes any auth and reads it by its own schema. */
export const authKind = <S extends AuthSchema>(definition: AuthDefinition<S>): AuthKind<S> => ({
  ...definition,
  kind: definition.schema.shape.kind.value,
  login: (input) => definition.login({ ...input, auth: definition.schema.parse(input.auth) }),
});

/** The login of a kind whose session is known without a word to the server. */
// biome-ignore lint/correctness/useYield: a conversation in which nothing has to be asked
export function* given(...headers: Header[]): Conversation {
  return { headers };
}

/** Of a kind that cannot log in again: a demand is a refusal. */
export const never = (): boolean => false;

/** Whether a server of logins is away for now: what it says then is no word about who asks. */
export const isAway = (status: number): boolean => [408, 423, 429].includes(status) || status >= 500;

const MOST_QUOTED = 300;

/** What a server wrote, as long as a message may quote it. */
export const quote = (text: string): string =>
  text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;

/** Holds a conversation: sends what it yields, hands it the answers. Errors of `send` end it. */
export const converse = async (
  conversation: Conversation,
  send: (request: LoginRequest) => Promise<Answer>,
): Promise<Session> => {
  let turn = conversation.next();
  while (turn.done !== true) turn = conversation.next(await send(turn.value));
  return turn.value;
};
