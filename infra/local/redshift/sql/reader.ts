import { unexpectedToken } from './refusal.ts';
import { quoteIdentifier, type Token } from './tokens.ts';

/** A table as a statement names it. */
export interface TableName {
  readonly schema: string | undefined;
  readonly name: string;
}

/** Reads words one after another for the grammars of CREATE TABLE, ALTER TABLE and COPY. */
export interface TokenReader {
  /** The next word, without taking it. */
  peek(): Token;
  take(): Token;
  /** Takes the words if they come next, and says whether they did. Words are given in lower case. */
  accept(...words: string[]): boolean;
  /** Whether one of the words comes next, not as a quoted name: a column may be called "check". */
  isNext(...words: string[]): boolean;
  /** Takes the words or throws SqlRefused. */
  expect(...words: string[]): void;
  string(): string;
  integer(): number;
  identifier(): string;
  tableName(): TableName;
  /** `( a, b )` */
  identifiers(): readonly string[];
  end(): void;
  fail(token?: Token): never;
}

export const readTokens = (statement: string, tokens: readonly Token[]): TokenReader => {
  const cursor = createCursor(statement, tokens);
  const { peek, take, accept, fail } = cursor;
  const ofKind = (...kinds: readonly Token['kind'][]): Token =>
    kinds.includes(peek().kind) ? take() : fail();
  const identifier = (): string => ofKind('word', 'quoted').value;
  const expect = (...words: string[]): void => {
    for (const word of words) if (!accept(word)) fail();
  };
  return {
    ...cursor,
    expect,
    identifier,
    string: () => ofKind('string').value,
    integer: () => {
      const token = ofKind('number');
      return /^\d+$/.test(token.value) ? Number(token.value) : fail(token);
    },
    tableName: () => {
      const first = identifier();
      return accept('.') ? { schema: first, name: identifier() } : { schema: undefined, name: first };
    },
    identifiers: () => {
      const names: string[] = [];
      expect('(');
      do names.push(identifier());
      while (accept(','));
      expect(')');
      return names;
    },
    end: () => {
      if (peek().kind !== 'end') fail();
    },
  };
};

type Cursor = Pick<TokenReader, 'peek' | 'take' | 'accept' | 'isNext' | 'fail'>;

const createCursor = (statement: string, tokens: readonly Token[]): Cursor => {
  const last = tokens[tokens.length - 1] ?? { kind: 'end', text: '', value: '', start: 0 };
  let at = 0;
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? last;
  const isWord = (token: Token, word: string): boolean =>
    (token.kind === 'word' || token.kind === 'symbol') && token.value === word;
  return {
    peek: () => peek(),
    take: () => {
      const token = peek();
      at += 1;
      return token;
    },
    accept: (...words) => {
      if (!words.every((word, ahead) => isWord(peek(ahead), word))) return false;
      at += words.length;
      return true;
    },
    isNext: (...words) => words.some((word) => isWord(peek(), word)),
    fail: (token = peek()) => {
      throw unexpectedToken(statement, token);
    },
  };
};

export const quoteTable = (table: TableName): string =>
  table.schema === undefined
    ? quoteIdentifier(table.name)
    : `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
