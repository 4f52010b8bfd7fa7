import { UsageError } from './command-io.ts';

/** Reads a day, which begins in UTC, or a time with its offset. Throws UsageError that names the option. */
export const toTime = (option: string, text: string): Date => {
  const time = new Date(text);
  const isRight = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(
    text,
  );
  if (isRight && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(
    `--${option} takes a day or a time with its offset, as 2026-01-15 or 2026-01-15T08:00:00Z, got ${JSON.stringify(text)}`,
  );
};
