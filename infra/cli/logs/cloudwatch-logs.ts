import * as z from 'zod';
import type { CallService } from '../deployment/signed-call.ts';

const groups = z.object({
  logGroups: z.array(z.object({ logGroupName: z.string() })),
  nextToken: z.string().nullish(),
});

const events = z.object({
  events: z.array(z.object({ message: z.string() })),
  nextToken: z.string().nullish(),
});

/** Terms of one filter: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html, 1,024 characters. */
const MOST_CHARACTERS = 1_024;

/** The lines that have one of the words, of the log groups whose name begins so, since a time in epoch milliseconds. */
export async function* readCloudWatchLogs(
  call: CallService,
  {
    prefix,
    words,
    sinceMs,
  }: { readonly prefix: string; readonly words: readonly string[]; readonly sinceMs: number },
): AsyncGenerator<string> {
  const logs = (target: string, input: object) =>
    call({ service: 'logs', path: '/', target: `Logs_20140328.${target}`, input });
  const found = pages(groups, (token) => logs('DescribeLogGroups', { logGroupNamePrefix: prefix, ...token }));
  // Two patterns may find one line.
  const seen = new Set<string>();
  for await (const { logGroups } of found)
    for (const { logGroupName } of logGroups)
      for (const filterPattern of toPatterns(words)) {
        const input = { logGroupName, filterPattern, startTime: sinceMs };
        for await (const page of pages(events, (token) => logs('FilterLogEvents', { ...input, ...token })))
          for (const { message } of page.events) {
            if (!seen.has(message)) yield message.trimEnd();
            seen.add(message);
          }
      }
}

async function* pages<T extends { readonly nextToken?: string | null | undefined }>(
  schema: z.ZodType<T>,
  read: (token: { readonly nextToken?: string }) => Promise<unknown>,
): AsyncGenerator<T> {
  let nextToken: string | undefined;
  do {
    const page = schema.parse(await read(nextToken === undefined ? {} : { nextToken }));
    yield page;
    nextToken = page.nextToken ?? undefined;
  } while (nextToken !== undefined);
}

/** `?"a" ?"b"` finds lines with any of them. */
export const toPatterns = (words: readonly string[]): readonly string[] => {
  const patterns: string[] = [];
  for (const word of words) {
    const term = `?"${word}"`;
    const last = patterns.at(-1);
    if (last !== undefined && last.length + 1 + term.length <= MOST_CHARACTERS)
      patterns[patterns.length - 1] = `${last} ${term}`;
    else patterns.push(term);
  }
  return patterns;
};
