import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { Feed } from '../../shared/model/feed.ts';
import { authKindOf, secretOf } from '../../shared/source/auth/registry.ts';
import { readIfThere } from '../read-if-there.ts';
import { type CommandIo, UsageError } from './command-io.ts';

const secrets = z.record(z.string(), z.unknown());
export type Secrets = Readonly<Record<string, unknown>>;

/**
 * Secrets by id: of MILLRACE_SECRETS, else of --secrets, else of the data folder's secrets.json. Says on stderr where others may read
 * the file. Throws UsageError.
 */
export const readSecrets = async (
  io: CommandIo,
  data: string,
  file: string | undefined,
): Promise<Secrets> => {
  const inline = io.env.MILLRACE_SECRETS;
  if (inline !== undefined && inline !== '') return parseSecrets(inline, 'MILLRACE_SECRETS');
  const path = resolve(io.cwd, file ?? join(data, 'secrets.json'));
  const text = await readIfThere(path);
  if (text === undefined && file !== undefined)
    throw new UsageError(`--secrets ${file} is not there: tried ${path}`);
  if (text === undefined) return {};
  await warnOfReaders(path, io);
  return parseSecrets(text, path);
};

/**
 * Before minutes of work: which feeds have no secret to log in with, a message each. `data` is the data folder. Throws UsageError where it
 * is all feeds.
 */
export const findMissingSecrets = (
  feeds: readonly Feed[],
  found: Secrets,
  data: string,
): readonly string[] => {
  const missing = feeds.flatMap(({ feed, source }) => {
    const id = source.kind === 'http' ? secretOf(source.auth) : undefined;
    if (source.kind !== 'http' || id === undefined || Object.hasOwn(found, id)) return [];
    const { kind, secretFields } = authKindOf(source.auth);
    const shape = JSON.stringify({ [id]: Object.fromEntries(secretFields.map((field) => [field, '…'])) });
    return [
      `feed ${feed}: auth ${kind} needs secret ${JSON.stringify(id)}, and it is not there; type npx millrace secret set ${id}, or put ${shape} into ${join(data, 'secrets.json')}, the file of --secrets or MILLRACE_SECRETS: the first of MILLRACE_SECRETS, --secrets and secrets.json that is given is read alone`,
    ];
  });
  const [first] = missing;
  if (first !== undefined && missing.length === feeds.length) throw new UsageError(first);
  return missing;
};

const GROUP_AND_OTHERS = 0o077;

/** Windows has no such modes: there each file has those of its owner for all. */
const warnOfReaders = async (path: string, { stderr }: CommandIo): Promise<void> => {
  const { mode } = await stat(path);
  if (process.platform === 'win32' || (mode & GROUP_AND_OTHERS) === 0) return;
  const found = (mode & 0o777).toString(8).padStart(4, '0');
  stderr.write(`millrace: ${path} has mode ${found}, so others can read its secrets; chmod 600 ${path}\n`);
};

/** Throws UsageError; the values never show in it. */
export const parseSecrets = (text: string, place: string): Secrets => {
  try {
    return secrets.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${place} is not a JSON object of secret id to value`);
  }
};

/** The fields of a secret that are texts; none where it is no object. */
export const textFields = (secret: unknown): Readonly<Record<string, string>> =>
  typeof secret === 'object' && secret !== null
    ? Object.fromEntries(Object.entries(secret).filter(([, value]) => typeof value === 'string'))
    : {};
