import * as z from 'zod';
import type { BatchTraces } from '../../../handlers/operate/find-batch-traces.ts';

/** A line that a function logged, with all its keys. */
export type LogLine = z.infer<typeof logLine>;

const logLine = z.looseObject({
  /** ISO 8601. */
  timestamp: z.string(),
  level: z.string(),
  message: z.string(),
  feed: z.string().optional(),
  batch: z.string().optional(),
  correlation: z.string().optional(),
  trace_id: z.string().optional(),
});

/** Reads a line of a log; undefined for one that no function of ours wrote, as those of the runtime. */
export const parseLogLine = (text: string): LogLine | undefined => {
  try {
    return logLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/**
 * Whether a line is of a batch: it names the batch, or it names none and is of the batch's chain of executions or of a load that has it.
 * A chain of executions reads several windows: the lines of the others name theirs.
 */
export const isLineOf =
  ({ feed, batch, correlations, traces }: BatchTraces) =>
  (line: LogLine): boolean => {
    if (line.feed !== undefined && line.feed !== feed) return false;
    if (line.batch !== undefined) return line.batch === batch;
    const ids = Object.values(traces).flat();
    return correlations.includes(line.correlation ?? '') || ids.includes(line.trace_id ?? '');
  };

/** Texts of which a line of the batch has at least one. */
export const wordsOf = ({ batch, correlations, traces }: BatchTraces): readonly string[] => [
  batch,
  ...correlations,
  ...Object.values(traces).flat(),
];
