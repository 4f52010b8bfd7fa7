import { createWriteStream } from 'node:fs';
import { readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CommandIo } from './command-io.ts';

/** Writes a body where it belongs; settles when its last byte is there. */
export type Target = (body: Readable) => Promise<void>;

/**
 * Where a path leads, without a path stdout. A file appears under its name when it is complete; what is no file, such as a pipe or a
 * device, takes bytes as they come: replacing /dev/null by a file would break the machine. Throws, and writes, errors that name the path.
 */
export const findTarget = async (path: string | undefined, io: CommandIo): Promise<Target> => {
  // The process's own streams: their paths cannot be opened where they are sockets, and empty them where they are files.
  if (path === undefined || path === '/dev/stdout') return into(io.stdout);
  if (path === '/dev/stderr') return into(io.stderr);
  const at = resolve(io.cwd, path);
  try {
    const found = await orAbsent(stat(at));
    const target =
      found === undefined || found.isFile()
        ? replacing(await follow(at))
        : (body: Readable) => pipeline(body, createWriteStream(at));
    return (body) =>
      target(body).catch((error: unknown) => {
        throw naming(path, error);
      });
  } catch (error) {
    throw naming(path, error);
  }
};

/**
 * A file of ours in a folder that --out names. Whatever stands there under its name is replaced, never written through: a link in the
 * folder may be somebody else's. Throws as the targets of findTarget do.
 */
export const fileInFolder = (folder: string, name: string, io: CommandIo): Target => {
  const path = join(folder, name);
  const write = replacing(resolve(io.cwd, path));
  return (body) =>
    write(body).catch((error: unknown) => {
      throw naming(path, error);
    });
};

const into =
  (stream: Writable): Target =>
  (body) =>
    pipeline(body, stream, { end: false });

const replacing =
  (path: string): Target =>
  async (body) => {
    const unfinished = join(dirname(path), `.${basename(path)}.unfinished`);
    try {
      // What is left of a killed command, or lies in wait as a link, goes; then the file has to be new.
      await rm(unfinished, { force: true });
      await pipeline(body, createWriteStream(unfinished, { flags: 'wx' }));
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  };

/** The path without symbolic links: one that leads nowhere yet is followed to what will be its file. */
const follow = async (path: string): Promise<string> => {
  const real = await orAbsent(realpath(path));
  if (real !== undefined) return real;
  const folder = (await orAbsent(realpath(dirname(path)))) ?? dirname(path);
  const link = await orAbsent(readlink(path));
  return link === undefined ? path : follow(resolve(folder, link));
};

const orAbsent = <T>(found: Promise<T>): Promise<T | undefined> =>
  found.catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error && 'syscall' in error ? error.code : undefined;

/** The system's errors name the unfinished file, or none; others, those of what is written, stay as they are. */
const naming = (path: string, error: unknown): unknown => {
  if (!(error instanceof Error) || codeOf(error) === undefined) return error;
  const [reason] = error.message.split(',');
  return new Error(`${path} cannot be written: ${reason}`, { cause: error });
};
