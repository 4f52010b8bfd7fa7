import { randomBytes, randomUUID } from 'node:crypto';
import { mulberry32 } from '../asl/jsonata.ts';

/** All that is random in the local cloud. */
export interface Chance {
  /** 0 to below 1; from the faults' seed where there is one. */
  random(): number;
  uuid(): string;
  /** So many hexadecimal digits, two a byte. */
  hex(bytes: number): string;
}

/** A seed fixes what faults strike; ids stay unique between runs on one folder. */
export const createChance = (seed?: number): Chance => ({
  random: seed === undefined ? Math.random : mulberry32(seed),
  uuid: randomUUID,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
});
