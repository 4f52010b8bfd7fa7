import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import * as z from 'zod';
import { nearest } from '../../shared/model/nearest.ts';
import { fieldsWanted, namedSecrets, secretUsersOf } from '../../shared/source/secret-users.ts';
import { FeedProblems } from '../feed-problems.ts';
import { onThisMachine, readFeeds } from '../feeds-folder.ts';
import { askHidden } from './ask-hidden.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import { findDataFolder } from './data-folder.ts';
import { isOnAws } from './deployment/where.ts';
import { readConnections } from './read-connections.ts';
import { storeSecret } from './store-secret.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

type Fields = Readonly<Record<string, string>>;

/** A secret's value is small; whoever pipes more has taken the wrong file. */
const MOST_CHARACTERS = 65_536;

/** As Secrets Manager takes them (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html); `__proto__` is no key of a JSON object here. */
const ID = /^[A-Za-z0-9/_+=.@-]{1,512}$/;

/** `millrace secret set ID`: asks for the fields that feeds read of a secret, and stores them. No value is printed, nor quoted. */
export const setSecret = async (args: VerbArguments, io: CommandIo): Promise<number> => {
  const [action = '', id = ''] = args.operands;
  if (action !== 'set') throw new UsageError(`secret takes set ID, got ${JSON.stringify(action)}`);
  if (!ID.test(id) || id === '__proto__') {
    throw new UsageError(
      `got secret id ${JSON.stringify(id)}, allowed 1 to 512 letters, digits and /_+=.@- as in millrace/jazz`,
    );
  }
  // Before somebody types a password for nothing.
  if (!isOnAws(args)) findDataFolder(args, io);
  const wanted = await readWanted(id, firstValue(args, 'feeds') ?? 'feeds', io);
  const fields = io.stdin.isTTY === true ? await ask(id, wanted, io) : await readPiped(id, wanted, io);
  if (fields === undefined) {
    io.stderr.write('millrace: interrupted\n');
    return EXIT.interrupted;
  }
  const names = Object.keys(fields).join(', ');
  io.stderr.write(`secret ${id} is stored with ${names} in ${await store(id, fields, args, io)}\n`);
  if (!isOnAws(args) && (io.env.MILLRACE_SECRETS ?? '') !== '')
    io.stderr.write('MILLRACE_SECRETS is set, so this file is not read: unset it to use what is stored\n');
  return EXIT.done;
};

/** Stores it where the command line says, and tells where that is. */
const store = async (id: string, fields: Fields, args: VerbArguments, io: CommandIo): Promise<string> => {
  if (isOnAws(args)) {
    const { storeSecretOnAws, toSecretId } = await import('./secrets-on-aws.ts');
    const own = toSecretId(id, args);
    await storeSecretOnAws(own, fields, args);
    return `Secrets Manager as ${own}`;
  }
  const data = findDataFolder(args, io);
  await storeSecret(data, id, fields);
  return resolve(data, 'secrets.json');
};

/** Feeds that are wrong, or not there yet, keep nobody from storing a secret. */
const readWanted = async (id: string, folder: string, io: CommandIo): Promise<readonly string[]> => {
  const feeds = await orNone(readFeeds(resolve(io.cwd, folder), onThisMachine(io.cwd)), undefined);
  const connections = await orNone(readConnections(folder, io), new Map());
  const users = [
    ...[...connections.values()].filter((one) => one !== undefined),
    ...(feeds ?? []).flatMap(secretUsersOf),
  ];
  if (feeds !== undefined) tellUnnamed(id, namedSecrets(users), io);
  return fieldsWanted(id, users);
};

/** A secret that no feed names is likely a slip of the fingers where feeds name others. It is stored nevertheless: its feed may come later. */
const tellUnnamed = (id: string, named: readonly string[], { stderr }: CommandIo): void => {
  if (named.length === 0 || named.includes(id)) return;
  const near = nearest(id, named);
  const hint = near === undefined ? `they name ${named.join(' ')}` : `did you mean ${near}?`;
  stderr.write(`millrace: no feed or connection names secret ${id}; ${hint}\n`);
};

const orNone = <T, N>(read: Promise<T>, none: N): Promise<T | N> =>
  read.catch((error: unknown): N => {
    if (error instanceof FeedProblems) return none;
    throw error;
  });

const ask = async (id: string, wanted: readonly string[], io: CommandIo): Promise<Fields | undefined> => {
  if (wanted.includes('ca')) {
    throw new UsageError(
      `secret ${id} has a certificate of several lines, allowed from stdin: npx millrace secret set ${id} < ca.pem`,
    );
  }
  const questions =
    wanted.length === 0 ? [`${id} as a JSON object`] : wanted.map((field) => `${id} ${field}`);
  const answers = await askHidden(
    questions,
    io,
    ([first]) => first !== undefined && parseObject(first) !== undefined,
  );
  if (answers === undefined) return undefined;
  const [first = ''] = answers;
  if (wanted.length === 0 || parseObject(first) !== undefined) return toFields(id, wanted, first);
  return check(id, wanted, Object.fromEntries(wanted.map((field, i) => [field, answers[i] ?? ''])));
};

const readPiped = async (
  id: string,
  wanted: readonly string[],
  io: CommandIo,
): Promise<Fields | undefined> => {
  const interrupt = (): void => void io.stdin.destroy(new Error('interrupted'));
  io.signal.addEventListener('abort', interrupt, { once: true });
  try {
    return toFields(id, wanted, await readAll(io.stdin));
  } finally {
    io.signal.removeEventListener('abort', interrupt);
  }
};

/** A JSON object as it is; other text is the one field that is wanted, less the line end that shells add. */
const toFields = (id: string, wanted: readonly string[], text: string): Fields => {
  if (text.length > MOST_CHARACTERS) {
    throw new UsageError(`secret ${id}: got ${text.length} characters, allowed ${MOST_CHARACTERS}`);
  }
  const object = parseObject(text);
  if (object !== undefined) return check(id, wanted, object);
  const [field] = wanted;
  if (field !== undefined && wanted.length === 1)
    return check(id, wanted, { [field]: text.replace(/\r?\n$/, '') });
  throw new UsageError(
    `secret ${id}: got ${text.trim() === '' ? 'nothing' : 'text'}, allowed ${toAllowed(wanted)}`,
  );
};

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** Throws UsageError that names the field at fault, never its value. */
const check = (id: string, wanted: readonly string[], object: Readonly<Record<string, unknown>>): Fields => {
  const names = [...new Set([...wanted, ...Object.keys(object)])];
  const entries = names.map((field): [string, string] => {
    const value = Object.hasOwn(object, field) ? object[field] : undefined;
    if (typeof value === 'string' && value !== '') return [field, value];
    const got = value === undefined || value === '' ? 'nothing' : 'a value that is no text';
    throw new UsageError(`secret ${id}: ${field}: got ${got}, allowed ${toAllowed(wanted)}`);
  });
  if (entries.length === 0) throw new UsageError(`secret ${id}: got no field, allowed ${toAllowed(wanted)}`);
  return Object.fromEntries(entries);
};

const toAllowed = (wanted: readonly string[]): string =>
  wanted.length === 0
    ? 'a JSON object of texts, as in {"token": "…"}; no feed or connection reads this secret, so its fields are not known'
    : `a JSON object with ${wanted.join(' and ')}, each a text that is not empty`;
