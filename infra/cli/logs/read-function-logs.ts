import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The lines of the local cloud's function logs that have one of the words: each function has a file, and the one before it. */
export async function* readFunctionLogs(folder: string, words: readonly string[]): AsyncGenerator<string> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.ndjson')) continue;
    for await (const line of createInterface({ input: createReadStream(join(folder, name)) }))
      if (words.some((word) => line.includes(word))) yield line;
  }
}
