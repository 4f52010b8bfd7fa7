import { readFile } from 'node:fs/promises';
import { vi } from 'vitest';

/** Does some work where AWS is a local cloud, as its file of shell variables says for any client. */
export const asClient = async <T>(variables: string, work: () => Promise<T>): Promise<T> => {
  const text = await readFile(variables, 'utf8');
  for (const [, name = '', value = ''] of text.matchAll(/^export (AWS_\w+)='(.*)'$/gm))
    vi.stubEnv(name, value);
  try {
    return await work();
  } finally {
    vi.unstubAllEnvs();
  }
};
