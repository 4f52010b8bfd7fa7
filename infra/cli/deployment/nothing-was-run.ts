import { UsageError } from '../command-io.ts';

/** Told of a data folder that no run has made; `options` are the words that lead another command to it. */
export const nothingWasRun = (tried: string, options: string): UsageError =>
  new UsageError(
    `nothing was run there: tried ${tried}; run a feed first: npx millrace run${options} --once, or name another folder with --data, or a deployment with --env`,
  );
