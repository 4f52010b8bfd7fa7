import type { BatchRecord } from './records.ts';

/** Bytes of a batch's part files: what a load of it reads. */
export const stagedBytes = ({ tables }: Pick<BatchRecord, 'tables'>): number =>
  Object.values(tables).reduce((sum, { parts }) => parts.reduce((bytes, part) => bytes + part.bytes, sum), 0);
