import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';

const CHECKSUM_LENGTH = 4;
/** What is typed wrong ends with 2 and more, and is no verb that comes again. */
const WRONG = 2;

/**
 * Runs the command's file, a function of what CommonJS gives a file, by the code that V8 made of it when the same verb ran last. Node's own cache is made when a file is loaded: it has
 * no function that is compiled when it is first called, which are nearly all. Without a folder, or where the code is of another Node or file, all is compiled anew.
 */
export const runBundle = (file, folder, verb) => {
  const kept = folder === undefined ? undefined : toKept(file, folder, verb);
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    cachedData: readKept(kept),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (kept !== undefined && script.cachedDataRejected !== false)
    process.on('exit', (status) => status < WRONG && keep(script, kept));
  const module = { exports: {} };
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
};

/** V8 tells a file by its length alone. npm gives all files the same time, but not that of their change. */
const toKept = (file, folder, verb = '') => {
  const { size, ctimeMs } = statSync(file);
  const name = /^[a-z]+$/.test(verb) ? verb : 'help';
  return join(folder, `${name}-${process.version}-${process.arch}-${size}-${Math.floor(ctimeMs)}`);
};

/** The code behind its checksum: V8 runs what it is given, also where a disk lost a part of it. */
const readKept = (kept) => {
  try {
    const bytes = kept === undefined ? Buffer.of() : readFileSync(kept);
    const code = bytes.subarray(CHECKSUM_LENGTH);
    return bytes.length > CHECKSUM_LENGTH && bytes.readUInt32LE() === crc32(code) ? code : undefined;
  } catch {
    return undefined; // the first run
  }
};

/** Whole or not at all: several processes of the verb may end at once. */
const keep = (script, kept) => {
  const draft = `${kept}.${process.pid}`;
  const code = script.createCachedData();
  const checksum = Buffer.alloc(CHECKSUM_LENGTH);
  checksum.writeUInt32LE(crc32(code));
  try {
    writeFileSync(draft, Buffer.concat([checksum, code]), { mode: 0o600 });
    renameSync(draft, kept);
  } catch {
    // A full disk, or one that is read only.
    try {
      rmSync(draft);
    } catch {} // it never was there
  }
};
