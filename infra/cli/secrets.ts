import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readIfThere } from '../read-if-there.ts';
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

/** The values never show in a message. */
const parseSecrets = (text: string, place: string): Secrets => {
  try {
    return secrets.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${place} is not a JSON object of secret id to value`);
  }
};
