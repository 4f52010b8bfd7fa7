import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type CommandIo, UsageError } from './command-io.ts';

const secrets = z.record(z.string(), z.unknown());
export type Secrets = Readonly<Record<string, unknown>>;

/** Secrets by id: of MILLRACE_SECRETS, else of --secrets, else of the data folder's secrets.json. Throws UsageError. */
export const readSecrets = async (
  io: CommandIo,
  data: string,
  file: string | undefined,
): Promise<Secrets> => {
  const inline = io.env.MILLRACE_SECRETS;
  if (inline !== undefined && inline !== '') return parseSecrets(inline, 'MILLRACE_SECRETS');
  const path = resolve(io.cwd, file ?? join(data, 'secrets.json'));
  const text = await readIfThere(path);
  if (text === undefined && file !== undefined) throw new UsageError(`--secrets ${file} is not there`);
  return text === undefined ? {} : parseSecrets(text, path);
};

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** The values never show in a message. */
const parseSecrets = (text: string, place: string): Secrets => {
  try {
    return secrets.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${place} is not a JSON object of secret id to value`);
  }
};
