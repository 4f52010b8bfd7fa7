import { existsSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import { type Finding, ok } from '../../handlers/operate/doctor/check.ts';
import { checkParts } from '../local/check-folder.ts';
import { placeOf } from './page-place.ts';

/** What the local cloud needs of a machine. */

const GIB = 2 ** 30;
/** A new warehouse takes some 100 MB, and each row that lands is there as XML, as CSV and in the warehouse. */
const LEAST_FREE_BYTES = GIB;
/** What `run` takes at its most: the warehouse, S3 and some functions, a process each. */
const LEAST_MEMORY_BYTES = 2 * GIB;
/** What the installed command needs. */
const LEAST_NODE = '22.15';

export interface Machine {
  readonly nodeVersion: string;
  readonly memoryBytes: number;
  /** Free bytes of the file system that a folder is in. */
  freeBytes(folder: string): number;
}

export const thisMachine: Machine = {
  nodeVersion: process.versions.node,
  memoryBytes: totalmem(),
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
};

export const examineMachine = (data: string, machine: Machine): readonly Finding[] => [
  lookAtNode(machine),
  lookAtMemory(machine),
  lookAtDisk(data, machine),
  lookAtFolder(data),
];

const lookAtNode = ({ nodeVersion }: Machine): Finding => {
  const isRight = nodeVersion.localeCompare(LEAST_NODE, 'en', { numeric: true }) >= 0;
  if (isRight) return ok('node', `is ${nodeVersion}`);
  const says = `is ${nodeVersion}, allowed ${LEAST_NODE} or later`;
  return { of: 'node', state: 'wrong', says, remedy: `install Node ${LEAST_NODE} or later` };
};

const lookAtMemory = ({ memoryBytes }: Machine): Finding => {
  const has = `has ${toGib(memoryBytes)}`;
  if (memoryBytes >= LEAST_MEMORY_BYTES) return ok('memory', has);
  const says = `${has}; the local cloud may take ${toGib(LEAST_MEMORY_BYTES)}`;
  return { of: 'memory', state: 'wrong', says, remedy: 'run it where there is more' };
};

const lookAtDisk = (data: string, { freeBytes }: Machine): Finding => {
  const of = `disk of ${data}`;
  const free = freeBytes(nearestFolder(data));
  const has = `has ${toGib(free)} free`;
  if (free >= LEAST_FREE_BYTES) return ok(of, has);
  const says = `${has}, and a first run takes up to ${toGib(LEAST_FREE_BYTES)}`;
  return { of, state: 'wrong', says, remedy: 'make room, or name another folder with --data' };
};

/** The folder, or where it would be made. */
const nearestFolder = (path: string): string => (existsSync(path) ? path : nearestFolder(dirname(path)));

const lookAtFolder = (data: string): Finding => {
  const of = `folder ${data}`;
  if (!existsSync(data)) return ok(of, 'is not there yet: the first run makes it');
  try {
    checkParts(data);
    return ok(of, 'has nothing in it that is damaged, as far as names tell');
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return { of, state: 'wrong', says, remedy: placeOf('damaged-folder') };
  }
};

const toGib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;
