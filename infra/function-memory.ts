/** Memory of each state's function, in MiB: Lambda gives processor time by it, and bills it by the millisecond. */

const USUAL_MIB = 512;

const OTHERS_MIB: Readonly<Record<string, number>> = {
  ExtractSlice: 1769, // one whole vCPU: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  SpoolPage: 1024, // it copies: the network is what it waits for
};

export const memoryMibOf = (state: string): number => OTHERS_MIB[state] ?? USUAL_MIB;
