/** Memory of each state's function, in MiB: Lambda gives processor time by it, and bills it by the millisecond. */

const USUAL_MIB = 512;

/** So much gives one whole vCPU, and less gives its part: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html. */
export const ONE_VCPU_MIB = 1769;

/** Megabytes a second that one stream from S3 is taken to give. */
export const S3_MEGABYTES_PER_SECOND = 90;

/**
 * The memory that reads XML soonest at the lowest cost per GB, where a whole vCPU reads so many megabytes a second. A GB costs the same with any memory
 * below it: half the memory takes twice as long. More only waits: for S3, or, beyond one vCPU, for the thread that parses. docs/decisions/0086-memory-by-cost-per-gb.md
 */
export const readingMib = (megabytesPerCpuSecond: number): number =>
  Math.min(ONE_VCPU_MIB, Math.ceil((ONE_VCPU_MIB * S3_MEGABYTES_PER_SECOND) / megabytesPerCpuSecond));

/** Of ExtractSlice in a new process, as a feed of each quarter of an hour mostly meets one; plain work items of 30 MB: `npm run bench -- --slice-only`. */
export const SLICE_MEGABYTES_PER_CPU_SECOND = 46;

const OTHERS_MIB: Readonly<Record<string, number>> = {
  ExtractSlice: readingMib(SLICE_MEGABYTES_PER_CPU_SECOND),
  SpoolPage: 1024, // it copies: the network is what it waits for
};

export const memoryMibOf = (state: string): number => OTHERS_MIB[state] ?? USUAL_MIB;
