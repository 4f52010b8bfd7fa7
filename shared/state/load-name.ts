import { InvalidInput } from '../errors.ts';
import { type LoadName, parseKey, toKey } from './keys.ts';
import type { LoadThread } from './messages.ts';

/** The names of a load: its record's key, the thread of one try, and the statement that carries both. */

/** Reads the key of a load record. Throws InvalidInput. */
export const parseLoadKey = (key: string): LoadName => {
  const parsed = parseKey(key);
  if (parsed.kind !== 'load') throw new InvalidInput(`key ${key} is not of a load`);
  return { feed: parsed.feed, date: parsed.date, load: parsed.load };
};

/** The thread of a try; the same from whichever event it is found again. */
export const toThread = (name: LoadName, number: number): LoadThread => {
  const loadKey = toKey({ kind: 'load', ...name });
  return { feed: name.feed, loadKey, try: number, correlation: loadKey.replace(/\.json$/, '') };
};

/** What a statement's name says. */
export interface StatementName {
  /** Of the deployment that submitted it. */
  readonly prefix: string;
  readonly thread: LoadThread;
}

/** `millrace/<feed>/<yyyy>/<mm>/<dd>/<load>/<try>`, by the deployment's prefix: comes back in the completion event. */
export const toStatementName = ({ prefix, thread }: StatementName): string => {
  const { feed, date, load } = parseLoadKey(thread.loadKey);
  return `${prefix}${feed}/${date}/${String(load).padStart(5, '0')}/${thread.try}`;
};

const STATEMENT_NAME =
  /^(?<prefix>millrace(?:-[a-z0-9-]+)?\/)(?<feed>[a-z][a-z0-9_]*)\/(?<date>\d{4}\/\d{2}\/\d{2})\/(?<load>\d{5,})\/(?<try>[1-9]\d*)$/;

/** Reads a statement's name; undefined for one that is not of a load of a deployment. */
export const parseStatementName = (statementName: string): StatementName | undefined => {
  const groups = STATEMENT_NAME.exec(statementName)?.groups;
  if (groups === undefined) return undefined;
  const { prefix = '', feed = '', date = '', load, try: number } = groups;
  return { prefix, thread: toThread({ feed, date, load: Number(load) }, Number(number)) };
};
